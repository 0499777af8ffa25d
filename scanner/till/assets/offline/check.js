// Checks what the server has signed, by its public keys: compact JWS under EdDSA
// (RFC 8037), with a header that is compared and not interpreted.
import { decode, utf8 } from "./bytes.js";

/** This browser knows no Ed25519. */
export class Unable extends Error {}

/**
 * The payload of a text that a key of this purpose has signed, or undefined. `tail` is
 * what its header has after the key's id. Errors: Unable.
 */
export async function signed(text, keys, purpose, tail = '"}') {
  const [first, second, third, more] = text.split(".");
  const [header, payload, signature] = [first, second ?? "", third ?? ""].map(decode);
  if (!header || !payload || signature?.length !== 64 || more !== undefined) return undefined;
  const said = new TextDecoder().decode(header);
  const key = keys.find(({ kid, purpose: of }) => of === purpose && said === `{"alg":"EdDSA","kid":"${kid}${tail}`);
  if (!key) return undefined;
  const genuine = await verify(key, signature, utf8(`${first}.${second}`));
  return genuine ? new TextDecoder().decode(payload) : undefined;
}

async function verify({ kty, crv, x }, signature, bytes) {
  let key;
  try {
    key = await crypto.subtle.importKey("jwk", { kty, crv, x }, "Ed25519", false, ["verify"]);
  } catch (cause) {
    throw new Unable("no Ed25519", { cause });
  }
  return crypto.subtle.verify("Ed25519", key, signature, bytes);
}
