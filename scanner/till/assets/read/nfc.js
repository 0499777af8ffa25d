// @ts-check
// Reading NFC tags by the device itself (W3C Web NFC): Chrome on Android.

import { NoText, textOf } from "./ndef.js";
import { longest } from "./troubles.js";

/**
 * @typedef {object} Options
 * @property {import("./troubles.js").OnRead} onRead
 * @property {import("./troubles.js").OnTrouble} onTrouble
 * @property {() => void} [onReady] called when tags are listened for
 */

/**
 * Where permission was given before, it listens at once. Else the trouble is nfc_ask,
 * and ask() must be called from a press of a button.
 * @param {Options} options
 * @returns {{ stop: () => void, ask: () => Promise<void> }}
 */
export function start({ onRead, onTrouble, onReady }) {
  const ended = new AbortController();
  const trouble = (/** @type {keyof typeof import("./troubles.js").troubles} */ code) => { if (!ended.signal.aborted) onTrouble({ code }); };
  /** @type {any} */
  const NDEFReader = /** @type {any} */ (globalThis).NDEFReader;
  let listening = false;

  async function listen() {
    if (!NDEFReader) return trouble("nfc_unsupported");
    if (listening || ended.signal.aborted) return;
    const reader = new NDEFReader();
    reader.addEventListener("reading", read, { signal: ended.signal });
    reader.addEventListener("readingerror", () => trouble("nfc_torn"), { signal: ended.signal });
    listening = true;
    try {
      await reader.scan({ signal: ended.signal });
    } catch (error) {
      listening = false;
      return trouble(failure(error));
    }
    onReady?.();
  }

  /** @param {any} event */
  function read(event) {
    try {
      const text = textOf(event.message.records);
      if (text.length > longest) return trouble("too_long");
      onRead(text, { channel: "nfc", at: Date.now(), ms: performance.now() - event.timeStamp });
    } catch (error) {
      if (!(error instanceof NoText)) throw error;
      trouble(error.code);
    }
  }

  async function begin() {
    if (!NDEFReader) return trouble("nfc_unsupported");
    const permission = await navigator.permissions.query(/** @type {any} */ ({ name: "nfc" })).catch(() => undefined);
    if (permission?.state === "granted") return listen();
    trouble(permission?.state === "denied" ? "nfc_denied" : "nfc_ask");
  }

  begin();
  return { stop: () => ended.abort(), ask: listen };
}

// The names are those of Web NFC §9, "The scan() method".
/** @param {any} error @returns {"nfc_denied" | "nfc_off"} */
function failure(error) {
  return error?.name === "NotAllowedError" ? "nfc_denied" : "nfc_off";
}
