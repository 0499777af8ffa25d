// @ts-check
// What a line from a serial reader says: the text itself, or the bytes of a tag in
// hexadecimal digits, as readers send them that know nothing of NDEF.

import { NoText, recordsOf, textOf } from "./ndef.js";

/**
 * @param {string} line
 * @param {"text" | "hex"} lines what the reader is set to
 * @returns {string}
 * @throws {NoText}
 */
export function lineText(line, lines) {
  if (lines === "text") return line;
  const digits = line.replace(/^0x|[\s:-]/g, "");
  if (!/^([0-9a-f]{2})+$/i.test(digits)) throw new NoText("nfc_torn");
  const bytes = Uint8Array.from(digits.match(/../g) ?? [], (two) => parseInt(two, 16));
  return plain(bytes) ?? textOf(recordsOf(bytes));
}

// Every message begins with a byte of 0x80 and above or with the TLV's 03, which no
// plain text does.
/** @param {Uint8Array} bytes */
function plain(bytes) {
  return bytes.every((byte) => byte >= 0x20 && byte < 0x7f) ? new TextDecoder().decode(bytes) : undefined;
}
