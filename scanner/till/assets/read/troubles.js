// @ts-check
// What every reader has in common, and what can go wrong with reading.
//
// A reader is a module with
//
//     start({ onRead, onTrouble, … }) → { stop(), … }
//
// It calls onRead(text, reading) with the text as it was presented: what the text
// means is the server's to say, so a Wi-Fi code or another shop's card is handed on
// like any other. It calls onTrouble({ code, … }) with one of the codes below, which
// screens put into words. Neither call is made after stop(). Readers know nothing of
// cards, of the network or of the screen. After a trouble whose code begins with
// camera_ or decoder_, nothing is read until start() is called anew, other than after
// camera_lost, camera_missing and camera_in_use: the camera is looked for again by
// itself, and onReady is called when it is back. After nfc_ and serial_ ones about permission or a port, until ask() is. After
// all others it reads on. stop() may give a promise, of when the device is free again.
//
//     camera.js  start({ onRead, onTrouble, onReady?, video, camera? }) → { stop, torch }
//     wedge.js   start({ onRead, onTrouble, prefix?, suffix?, layout?, gap?, least?, target? }) → { stop }
//     nfc.js     start({ onRead, onTrouble, onReady? }) → { stop, ask }
//     serial.js  start({ onRead, onTrouble, onReady?, baudRate?, lines? }) → { stop, ask }
//
// A rotating code that changes while it is in view is another text, and is read
// again: a screen that has a scan open decides what to do with it.

/**
 * @typedef {object} Reading
 * @property {"camera" | "wedge" | "nfc"} channel what the API is told
 * @property {number} at when it was read: milliseconds since 1970 by this device's clock
 * @property {number} ms how long reading took: from the frame's capture to the text, from
 *   the first key to the last, or from the reader's event to the text
 * @property {number} [camera] camera: ms of it until the decoder had the frame
 * @property {number} [decode] camera: ms of it inside the decoder
 * @property {string} [second] wedge: the same keys on a US keyboard, when that is another
 *   text. Try it when the server cannot read the first
 *
 * @typedef {{ code: keyof typeof troubles }} Trouble
 *
 * @typedef {(text: string, reading: Reading) => void} OnRead
 * @typedef {(trouble: Trouble) => void} OnTrouble
 */

/** Every code that onTrouble is called with. Codes are stable; screens translate them. */
export const troubles = Object.freeze({
  too_long: "The code holds more than 2,048 characters: it is none of a loyalty card.",
  two_codes: "Two codes are in view, and none was read: show one.",

  camera_denied: "The browser may not use the camera: allow it in the site's settings.",
  camera_missing: "No camera was found.",
  camera_in_use: "Another program uses the camera.",
  camera_lost: "The camera was taken away. Reading goes on when it is back.",
  camera_unsupported: "This browser cannot read by camera, or the page did not come over HTTPS.",
  camera_failed: "The camera could not be opened.",
  decoder_failed: "The decoder could not be loaded or has stopped.",

  nfc_unsupported: "This browser cannot read NFC tags.",
  nfc_ask: "NFC needs permission: call ask() when a button is pressed.",
  nfc_denied: "The browser may not read NFC tags: allow it in the site's settings.",
  nfc_off: "NFC is switched off, or another program uses it.",
  nfc_torn: "The tag was taken away too early, or is damaged: hold it still.",
  nfc_empty: "The tag holds nothing.",
  nfc_foreign: "The tag holds neither a text nor an address.",

  serial_unsupported: "This browser cannot talk to serial readers.",
  serial_ask: "The reader must be chosen: call ask() when a button is pressed.",
  serial_denied: "No reader was chosen.",
  serial_in_use: "Another program uses the reader.",
  serial_lost: "The reader was unplugged. Reading goes on when it is back.",
  serial_torn: "The reader sent something that is not whole: present the card again.",
  serial_failed: "The reader could not be opened.",
});

/** No text is longer than this many characters, whatever it was read from. */
export const longest = 2048;
