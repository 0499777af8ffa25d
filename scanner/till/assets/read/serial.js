// @ts-check
// NFC readers at a serial port (WICG Web Serial).

import { Frames } from "./frames.js";
import { lineText } from "./lines.js";
import { NoText } from "./ndef.js";

/**
 * @typedef {object} Options
 * @property {import("./troubles.js").OnRead} onRead
 * @property {import("./troubles.js").OnTrouble} onTrouble
 * @property {() => void} [onReady] called when the port is open, and again after serial_lost
 * @property {number} [baudRate] bits per second; 9,600 is what most readers are delivered with
 * @property {"text" | "hex"} [lines] what the reader sends: texts, or a tag's bytes in hexadecimal digits
 */

/**
 * A reader that was chosen before is opened at once. Else the trouble is serial_ask,
 * and ask() must be called from a press of a button.
 * @param {Options} options
 * @returns {{ stop: () => Promise<void>, ask: () => Promise<void> }}
 */
export function start({ onRead, onTrouble, onReady, baudRate = 9600, lines = "text" }) {
  /** @type {any} */
  const serial = /** @type {any} */ (navigator).serial;
  let stopped = false;
  let busy = false; // a port is open, or opening
  /** @type {any} */
  let reader;
  /** The use of a port, until it is closed. */
  let using = Promise.resolve();

  const trouble = (/** @type {keyof typeof import("./troubles.js").troubles} */ code) => { if (!stopped) onTrouble({ code }); };

  /** @param {any} port */
  async function use(port) {
    if (busy || stopped) return;
    busy = true;
    await (using = held(port));
  }

  /** @param {any} port */
  async function held(port) {
    try {
      await port.open({ baudRate });
    } catch (error) {
      busy = false;
      return trouble(failure(error));
    }
    if (!stopped) onReady?.();
    const frames = new Frames();
    // After a torn character the port goes on with another stream; when it is lost there is none.
    while (port.readable && !stopped) await drain(port.readable, frames);
    await port.close().catch(() => {}); // it is gone already
    busy = false;
    trouble("serial_lost"); // and known() hears when it is back
  }

  /** @param {any} readable @param {Frames} frames */
  async function drain(readable, frames) {
    reader = readable.getReader();
    try {
      for (;;) {
        const { value, done } = await reader.read();
        if (done) return;
        const came = performance.now();
        for (const frame of frames.push(value, came)) {
          if ("trouble" in frame) trouble(frame.trouble);
          else read(frame.text, came);
        }
      }
    } catch (error) {
      if (/** @type {any} */ (error)?.name !== "NetworkError") trouble("serial_torn");
    } finally {
      reader.releaseLock();
    }
  }

  /** @param {string} line @param {number} came */
  function read(line, came) {
    if (stopped) return;
    try {
      onRead(lineText(line, lines), { channel: "nfc", at: Date.now(), ms: performance.now() - came });
    } catch (error) {
      if (error instanceof NoText) trouble(error.code);
      else reportError(error);
    }
  }

  /** Opens a port that may be used already. */
  async function known() {
    const [port] = await serial.getPorts();
    if (port) await use(port);
    return port !== undefined;
  }

  async function begin() {
    if (!serial) return trouble("serial_unsupported");
    serial.addEventListener("connect", known);
    if (!(await known())) trouble("serial_ask");
  }

  begin();
  return {
    async ask() {
      if (!serial) return trouble("serial_unsupported");
      try {
        await use(await serial.requestPort());
      } catch {
        trouble("serial_denied");
      }
    },
    async stop() {
      stopped = true;
      serial?.removeEventListener("connect", known);
      reader?.cancel().catch(() => {});
      await using;
    },
  };
}

// The names are those of Web Serial, open().
/** @param {any} error @returns {"serial_in_use" | "serial_failed"} */
function failure(error) {
  return error?.name === "NetworkError" || error?.name === "InvalidStateError" ? "serial_in_use" : "serial_failed";
}
