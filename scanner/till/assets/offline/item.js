// What is kept for later, as the server takes it: a compact JWS (RFC 7515) signed by a
// key that cannot leave this browser.
import { encode, utf8 } from "./bytes.js";

const curve = { name: "ECDSA", namedCurve: "P-256" };
const header = encode(utf8('{"alg":"ES256","typ":"stempel-offline+jwt"}'));

/** A pair whose private half nobody can read. */
export const newPair = () => crypto.subtle.generateKey(curve, false, ["sign", "verify"]);

/** The public half, as the server wants it (RFC 7517). */
export async function publicHalf(pair) {
  const { kty, crv, x, y } = await crypto.subtle.exportKey("jwk", pair.publicKey);
  return { kty, crv, x, y };
}

/** Signs what an item says. Its hash names it, and is not of the signature, as no two are alike. */
export async function sign(said, pair) {
  const signed = `${header}.${encode(utf8(JSON.stringify(said)))}`;
  const signature = await crypto.subtle.sign({ name: "ECDSA", hash: "SHA-256" }, pair.privateKey, utf8(signed));
  return { text: `${signed}.${encode(new Uint8Array(signature))}`, hash: await hashOf(signed) };
}

const hashOf = async (signed) => encode(new Uint8Array(await crypto.subtle.digest("SHA-256", utf8(signed))));
