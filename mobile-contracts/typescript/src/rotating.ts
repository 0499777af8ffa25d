import type { components } from "./contract.gen.js";
import { fromBase32 } from "./bytes.js";

/** What POST /v1/cards/{card}/rotating answers. Keep it where the token is kept. */
export type RotatingSecret = Pick<components["schemas"]["RotatingSecret"], "secret" | "prefix" | "digits" | "period_seconds">;

/**
 * The text that a card shows at a time, made without a network: see tokens.md. Draw
 * it as a QR code, and make it anew when its time is over. `at` is the time of the
 * server: correct the clock by the server_time that came with the secret.
 */
export async function rotatingText(secret: RotatingSecret, at: Date): Promise<string> {
  const key = fromBase32(secret.secret);
  if (key === undefined) throw new Error("the secret is not base32");
  return secret.prefix + (await totp(key, rotatingStep(secret, at), secret.digits));
}

/** When the text of a time is no longer the current one. */
export function rotatingUntil(secret: RotatingSecret, at: Date): Date {
  return new Date((rotatingStep(secret, at) + 1) * secret.period_seconds * 1000);
}

function rotatingStep(secret: RotatingSecret, at: Date): number {
  return Math.floor(at.getTime() / 1000 / secret.period_seconds);
}

/** RFC 6238 with SHA-1: HOTP (RFC 4226 §5.3) of the step. */
async function totp(key: Uint8Array<ArrayBuffer>, step: number, digits: number): Promise<string> {
  const hmac = await crypto.subtle.importKey("raw", key, { name: "HMAC", hash: "SHA-1" }, false, ["sign"]);
  const counter = new DataView(new ArrayBuffer(8));
  counter.setBigUint64(0, BigInt(step));
  const mac = new DataView(await crypto.subtle.sign("HMAC", hmac, counter));
  const cut = mac.getUint32(mac.getUint8(19) & 15) & 0x7fffffff;
  return String(cut % 10 ** digits).padStart(digits, "0");
}
