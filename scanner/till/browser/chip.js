// A chip on the counter, as the server's answer says to set it up (AN12196): it mirrors
// in plain, which servers read as well.
import { createCipheriv } from "node:crypto";

const block = (key, data) => {
  const cipher = createCipheriv("aes-128-ecb", key, null).setAutoPadding(false);
  return Buffer.concat([cipher.update(data), cipher.final()]);
};

/** AES-CMAC (RFC 4493). */
export function cmac(key, message) {
  const twice = (b) => {
    const out = Buffer.alloc(16);
    for (let i = 15, carry = 0; i >= 0; i--) {
      out[i] = (b[i] << 1) | carry;
      carry = b[i] >> 7;
    }
    if (b[0] & 0x80) out[15] ^= 0x87;
    return out;
  };
  const xor = (a, b) => Buffer.from(a.map((x, i) => x ^ b[i]));
  const first = twice(block(key, Buffer.alloc(16)));
  let mac = Buffer.alloc(16), rest = message;
  for (; rest.length > 16; rest = rest.subarray(16)) mac = block(key, xor(mac, rest.subarray(0, 16)));
  const padded = Buffer.alloc(16);
  rest.copy(padded);
  if (rest.length < 16) padded[rest.length] = 0x80;
  return block(key, xor(xor(mac, padded), rest.length === 16 ? first : twice(first)));
}

/** What a phone reads at the tap of that number. */
export function tapped({ uid, chip }, counter) {
  const number = Buffer.from([counter & 255, (counter >> 8) & 255, counter >> 16]);
  const session = cmac(Buffer.from(chip.file_key, "hex"), Buffer.concat([Buffer.from("3cc300010080" + uid, "hex"), number]));
  const mac = cmac(session, Buffer.alloc(0)).filter((_, i) => i % 2 === 1);
  const [base, query] = chip.url.split("?");
  const key = /k=\w+/.exec(query)[0];
  return `${base}?${key}&uid=${uid}&ctr=${Buffer.from(number).reverse().toString("hex").toUpperCase()}&cmac=${mac.toString("hex").toUpperCase()}`;
}
