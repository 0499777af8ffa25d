const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/** Writes base64url without padding (RFC 4648 §5). */
export function toBase64url(bytes: Uint8Array): string {
  let text = "";
  for (let i = 0; i < bytes.length; i += 3) {
    const [a, b, c] = [bytes[i] ?? 0, bytes[i + 1] ?? 0, bytes[i + 2] ?? 0];
    text += alphabet.charAt(a >> 2) + alphabet.charAt(((a & 3) << 4) | (b >> 4));
    if (i + 1 < bytes.length) text += alphabet.charAt(((b & 15) << 2) | (c >> 6));
    if (i + 2 < bytes.length) text += alphabet.charAt(c & 63);
  }
  return text;
}

/** Reads exactly what toBase64url writes, and returns undefined for any other spelling. */
export function fromBase64url(text: string): Uint8Array<ArrayBuffer> | undefined {
  const bytes = new Uint8Array(Math.floor((text.length * 3) / 4));
  let window = 0;
  let bits = 0;
  let length = 0;
  for (const character of text) {
    const value = alphabet.indexOf(character);
    if (value < 0) return undefined;
    window = ((window << 6) | value) & 0xffff;
    bits += 6;
    if (bits >= 8) {
      bits -= 8;
      bytes[length++] = (window >> bits) & 0xff;
    }
  }
  return toBase64url(bytes) === text ? bytes : undefined;
}

const base32 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/** Reads base32 (RFC 4648 §6) of whole bytes without padding, and returns undefined for anything else. */
export function fromBase32(text: string): Uint8Array<ArrayBuffer> | undefined {
  if (text.length % 8 !== 0) return undefined;
  const bytes = new Uint8Array((text.length / 8) * 5);
  let window = 0;
  let bits = 0;
  let length = 0;
  for (const character of text) {
    const value = base32.indexOf(character);
    if (value < 0) return undefined;
    window = ((window << 5) | value) & 0xfff;
    bits += 5;
    if (bits >= 8) {
      bits -= 8;
      bytes[length++] = (window >> bits) & 0xff;
    }
  }
  return bytes;
}

/** SHA-256 of some pieces put together. */
export async function sha256(...pieces: Uint8Array[]): Promise<Uint8Array> {
  const all = new Uint8Array(pieces.reduce((sum, piece) => sum + piece.length, 0));
  let at = 0;
  for (const piece of pieces) {
    all.set(piece, at);
    at += piece.length;
  }
  return new Uint8Array(await crypto.subtle.digest("SHA-256", all));
}

const crockford = "0123456789abcdefghjkmnpqrstvwxyz";

/** The 16 bytes of an id such as card_01h455vb4pex5vsknk084sn02q; zeros for none. */
export function idBytes(kind: string, text: string | undefined): Uint8Array {
  const bytes = new Uint8Array(16);
  if (text === undefined || text === "") return bytes;
  const digits = text.slice(kind.length + 1);
  if (!text.startsWith(kind + "_") || !/^[0-7][0-9a-hjkmnp-tv-z]{25}$/.test(digits)) {
    throw new Error(`${text} is not the id of a ${kind}`);
  }
  let number = 0n;
  for (const digit of digits) number = (number << 5n) | BigInt(crockford.indexOf(digit));
  for (let i = 15; i >= 0; i--, number >>= 8n) bytes[i] = Number(number & 0xffn);
  return bytes;
}
