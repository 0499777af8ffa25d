// The rotating text of a card, made without a network: RFC 6238 with SHA-1, as
// mobile-contracts/tokens.md says. The same as rotating.ts of the TypeScript client.

const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"; // RFC 4648 §6

/** The secret as the API tells it, kept so that no script can read the key again. */
export async function keepSecret(told) {
  const key = await crypto.subtle.importKey("raw", fromBase32(told.secret), { name: "HMAC", hash: "SHA-1" }, false, ["sign"]);
  return { key, prefix: told.prefix, digits: told.digits, period: told.period_seconds };
}

/** Which period a time of the server lies in, in milliseconds since 1970. */
export const stepAt = (secret, at) => Math.floor(at / 1000 / secret.period);

/** How many milliseconds of the period are left. */
export const leftAt = (secret, at) => secret.period * 1000 - (at % (secret.period * 1000));

/** The text of a period: RFC 4226 §5.3. */
export async function textOf(secret, step) {
  const counter = new DataView(new ArrayBuffer(8));
  counter.setBigUint64(0, BigInt(step));
  const mac = new DataView(await crypto.subtle.sign("HMAC", secret.key, counter));
  const cut = mac.getUint32(mac.getUint8(19) & 15) & 0x7fffffff;
  return secret.prefix + String(cut % 10 ** secret.digits).padStart(secret.digits, "0");
}

function fromBase32(text) {
  const bytes = [];
  let window = 0, bits = 0;
  for (const c of text) {
    const value = alphabet.indexOf(c);
    if (value < 0) throw new Error("the secret is not base32");
    window = ((window << 5) | value) & 0xfff;
    bits += 5;
    if (bits >= 8) bytes.push((window >> (bits -= 8)) & 255);
  }
  return new Uint8Array(bytes);
}
