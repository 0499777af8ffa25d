// @ts-check
// The text or address that an NFC tag holds. Names and bits are those of the NFC
// Forum's NDEF 1.0, Text RTD 1.0, URI RTD 1.0 and Smart Poster RTD 1.1.

/** Why there is no text. */
export class NoText extends Error {
  /** @param {"nfc_torn" | "nfc_empty" | "nfc_foreign"} code */
  constructor(code) {
    super(code);
    this.code = code;
  }
}

const torn = () => new NoText("nfc_torn");

/**
 * A record as Web NFC gives it.
 * @typedef {object} WebRecord
 * @property {string} recordType
 * @property {string} [mediaType]
 * @property {string} [encoding]
 * @property {DataView | null} [data]
 * @property {() => WebRecord[]} [toRecords]
 */

/**
 * The first text or address among records.
 * @param {readonly WebRecord[]} records
 * @returns {string}
 * @throws {NoText}
 */
export function textOf(records) {
  if (records.every((r) => r.recordType === "empty")) throw new NoText("nfc_empty");
  for (const record of records) {
    const text = recordText(record);
    if (text) return text;
  }
  throw new NoText("nfc_foreign");
}

/** @param {WebRecord} record @returns {string | undefined} */
function recordText(record) {
  switch (record.recordType) {
    case "text": return decode(record.data, record.encoding);
    case "url": case "absolute-url": return decode(record.data);
    case "mime": return record.mediaType?.startsWith("text/plain") ? decode(record.data) : undefined;
    case "smart-poster": {
      const inner = record.toRecords?.().find((r) => r.recordType === "url");
      return inner && recordText(inner);
    }
  }
  return undefined;
}

/** @param {DataView | Uint8Array | null | undefined} data @param {string} [encoding] */
function decode(data, encoding = "utf-8") {
  if (!data) throw torn();
  try {
    return new TextDecoder(encoding, { fatal: true }).decode(data);
  } catch {
    throw torn();
  }
}

/**
 * The records of a message as bytes, alone or in the NDEF TLV (type 03) in which
 * Type 2 tags keep it.
 * @param {Uint8Array} bytes
 * @returns {WebRecord[]}
 * @throws {NoText} nfc_torn, nfc_empty
 */
export function recordsOf(bytes) {
  if (bytes[0] === 0x03) bytes = unwrapped(bytes);
  if (bytes.length === 0) throw new NoText("nfc_empty");
  /** @type {WebRecord[]} */
  const records = [];
  const rest = new Rest(bytes);
  for (let last = false; !last;) {
    const header = rest.byte();
    const first = (header & 0x80) !== 0, chunked = (header & 0x20) !== 0, short = (header & 0x10) !== 0, named = (header & 0x08) !== 0;
    last = (header & 0x40) !== 0;
    if (first !== (records.length === 0) || chunked) throw torn();
    const typeLength = rest.byte();
    const length = short ? rest.byte() : rest.number(4);
    const idLength = named ? rest.byte() : 0;
    const type = String.fromCharCode(...rest.take(typeLength));
    rest.take(idLength);
    records.push(recordOf(header & 0x07, type, rest.take(length)));
  }
  return records;
}

/** @param {Uint8Array} bytes */
function unwrapped(bytes) {
  const rest = new Rest(bytes.subarray(1));
  const length = rest.byte();
  return rest.take(length === 0xff ? rest.number(2) : length);
}

/** @param {number} tnf @param {string} type @param {Uint8Array} payload @returns {WebRecord} */
function recordOf(tnf, type, payload) {
  const data = new DataView(payload.buffer, payload.byteOffset, payload.byteLength);
  if (tnf === 0) return { recordType: "empty" };
  if (tnf === 1 && type === "T") return wellKnownText(payload);
  if (tnf === 1 && type === "U") return wellKnownAddress(payload);
  if (tnf === 1 && type === "Sp") return { recordType: "smart-poster", toRecords: () => recordsOf(payload) };
  if (tnf === 2) return { recordType: "mime", mediaType: type, data };
  if (tnf === 3) return { recordType: "absolute-url", data: new DataView(new TextEncoder().encode(type).buffer) };
  return { recordType: "unknown", data };
}

/** @param {Uint8Array} payload @returns {WebRecord} */
function wellKnownText(payload) {
  const rest = new Rest(payload);
  const status = rest.byte();
  rest.take(status & 0x3f); // the language
  const text = rest.take(rest.length);
  return {
    recordType: "text", encoding: status & 0x80 ? "utf-16be" : "utf-8",
    data: new DataView(text.buffer, text.byteOffset, text.byteLength),
  };
}

const starts = [
  "", "http://www.", "https://www.", "http://", "https://", "tel:", "mailto:", "ftp://anonymous:anonymous@", "ftp://ftp.",
  "ftps://", "sftp://", "smb://", "nfs://", "ftp://", "dav://", "news:", "telnet://", "imap:", "rtsp://", "urn:", "pop:",
  "sip:", "sips:", "tftp:", "btspp://", "btl2cap://", "btgoep://", "tcpobex://", "irdaobex://", "file://", "urn:epc:id:",
  "urn:epc:tag:", "urn:epc:pat:", "urn:epc:raw:", "urn:epc:", "urn:nfc:",
];

/** @param {Uint8Array} payload @returns {WebRecord} */
function wellKnownAddress(payload) {
  const rest = new Rest(payload);
  const start = starts[rest.byte()];
  if (start === undefined) throw torn();
  const address = new TextEncoder().encode(start + decode(rest.take(rest.length)));
  return { recordType: "url", data: new DataView(address.buffer) };
}

/** Bytes read from the front; it throws nfc_torn where they end too early. */
class Rest {
  #at = 0;
  #bytes;

  /** @param {Uint8Array} bytes */
  constructor(bytes) { this.#bytes = bytes; }

  get length() { return this.#bytes.length - this.#at; }

  /** @param {number} count */
  take(count) {
    if (count > this.length) throw torn();
    this.#at += count;
    return this.#bytes.subarray(this.#at - count, this.#at);
  }

  byte() { return this.take(1)[0]; }

  /** @param {number} width bytes, big-endian */
  number(width) { return this.take(width).reduce((value, byte) => value * 256 + byte, 0); }
}
