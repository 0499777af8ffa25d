// Bytes as the texts they travel in. Each has one spelling: what decodes to the same
// bytes by another one is refused, as the server does.

export const utf8 = (text) => new TextEncoder().encode(text);

/** Base64url without padding (RFC 4648 §5). */
export const encode = (bytes) => btoa(String.fromCharCode(...bytes)).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");

/** The bytes of base64url, or undefined. */
export function decode(text) {
  if (!/^[\w-]*$/.test(text) || text.length % 4 === 1) return undefined;
  const bytes = Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (c) => c.charCodeAt(0));
  return encode(bytes) === text ? bytes : undefined;
}

/** The bytes of upper-case base32 without padding (RFC 4648 §6), or undefined. */
export function decode32(text) {
  if (!/^[A-Z2-7]*$/.test(text)) return undefined;
  const bytes = [];
  let held = 0, bits = 0;
  for (const c of text) {
    held = (held << 5) | "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".indexOf(c);
    bits += 5;
    if (bits >= 8) {
      bits -= 8;
      bytes.push((held >> bits) & 0xff);
      held &= (1 << bits) - 1;
    }
  }
  return held === 0 && bits < 5 ? Uint8Array.from(bytes) : undefined;
}

/** An id as people see it: 128 bits in lower-case Crockford base32. */
export function shown(bytes) {
  let left = bytes.reduce((n, byte) => (n << 8n) | BigInt(byte), 0n), text = "";
  for (let i = 0; i < 26; i++, left >>= 5n) text = "0123456789abcdefghjkmnpqrstvwxyz"[Number(left & 31n)] + text;
  return text;
}
