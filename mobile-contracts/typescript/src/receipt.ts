import type { components } from "./contract.gen.js";
import { fromBase64url } from "./bytes.js";

/** What /.well-known/jwks.json answers. Keep it beside receipts that must outlive the server. */
export type KeySet = components["schemas"]["KeySet"];

/** What a receipt states: see receipts.md. */
export interface Receipt {
  v: 1;
  entry: string;
  card: string;
  merchant: string;
  program: string;
  version: number;
  kind: string;
  units: number;
  balance: number;
  seq: number;
  at: string;
  hash: string;
  origin?: string;
  reward?: string;
  voucher?: string;
}

const id = (kind: string) => new RegExp(`^${kind}_[0-7][0-9a-hjkmnp-tv-z]{25}$`);
const whole = (least: number) => (value: unknown) => Number.isSafeInteger(value) && (value as number) >= least;
const text = (pattern: RegExp) => (value: unknown) => typeof value === "string" && pattern.test(value);

/** The members of a receipt in their order, and what each may be. */
const members: [name: keyof Receipt, needed: boolean, holds: (value: unknown) => boolean][] = [
  ["v", true, (value) => value === 1],
  ["entry", true, text(id("entry"))],
  ["card", true, text(id("card"))],
  ["merchant", true, text(id("merchant"))],
  ["program", true, text(id("program"))],
  ["version", true, whole(1)],
  ["kind", true, text(/^(earn|complete|redeem|expire|void|adjust|opening|merge|refund)$/)],
  ["units", true, whole(Number.MIN_SAFE_INTEGER)],
  ["balance", true, whole(Number.MIN_SAFE_INTEGER)],
  ["seq", true, whole(1)],
  ["at", true, text(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/)],
  ["hash", true, text(/^[\w-]{43}$/)],
  ["origin", false, text(id("entry"))],
  ["reward", false, text(id("reward"))],
  ["voucher", false, text(id("voucher"))],
];

/**
 * Checks a receipt without a server, against the keys of the server that signed
 * it. Returns what it states, or undefined for anything that is not exactly a
 * receipt. It needs Ed25519 in the platform's WebCrypto.
 */
export async function verifyReceipt(receipt: string, keys: KeySet): Promise<Receipt | undefined> {
  const [header, payload, signature, ...more] = receipt.split(".");
  if (header === undefined || payload === undefined || signature === undefined || more.length > 0) return undefined;
  const kid = /^{"alg":"EdDSA","kid":"(\w{1,4})","typ":"stempel-receipt\+jwt"}$/.exec(decoded(header) ?? "")?.[1];
  const key = keys.keys.find((one) => one.kid === kid && one.purpose === "receipt");
  const x = key && fromBase64url(key.x);
  const proof = fromBase64url(signature);
  if (!x || !proof) return undefined;
  const publicKey = await crypto.subtle.importKey("raw", x, "Ed25519", false, ["verify"]);
  const signed = new TextEncoder().encode(`${header}.${payload}`);
  if (!(await crypto.subtle.verify("Ed25519", publicKey, proof, signed))) return undefined;
  return statement(decoded(payload));
}

/** Reads a payload, and writes it anew: there is one spelling only. */
function statement(json: string | undefined): Receipt | undefined {
  if (json === undefined) return undefined;
  let read: Record<string, unknown>;
  try {
    read = JSON.parse(json);
  } catch {
    return undefined;
  }
  const anew: Record<string, unknown> = {};
  for (const [name, needed, holds] of members) {
    const value = read[name];
    if (value === undefined && !needed) continue;
    if (!holds(value)) return undefined;
    anew[name] = value;
  }
  const time = Date.parse(String(anew["at"]));
  const hash = fromBase64url(String(anew["hash"]));
  if (Number.isNaN(time) || hash?.length !== 32 || JSON.stringify(anew) !== json) return undefined;
  return anew as unknown as Receipt;
}

function decoded(segment: string): string | undefined {
  const bytes = fromBase64url(segment);
  if (!bytes) return undefined;
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return undefined;
  }
}
