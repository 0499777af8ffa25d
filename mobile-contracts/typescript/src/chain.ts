import { fromBase64url, idBytes, sha256, toBase64url } from "./bytes.js";

/** An entry with all that its hash is over: see ledger.md. Ids that it does not have are left out. */
export interface Chained {
  id: string;
  merchant: string;
  operator: string;
  card: string;
  seq: number | bigint;
  kind: string;
  units: number | bigint;
  balance: number | bigint;
  program: string;
  version: number;
  location?: string;
  till?: string;
  staff?: string;
  method: string;
  captured_at: string;
  posted_at: string;
  origin?: string;
  reward?: string;
  voucher?: string;
  commitment?: string;
  /** Of programs with discounts or tiers, as 2026-11; so are the fields below. */
  month?: string;
  spend?: number | bigint;
  rate?: number;
  discount?: number | bigint;
  hash: string;
}

/** Whether a card's history holds, and if not, which entry is the first that does not, counted from 1. */
export type ChainResult = { holds: true; head: string } | { holds: false; brokenAt: number; reason: string };

const kinds = ["", "earn", "complete", "redeem", "grant", "expire", "void", "adjust", "opening", "merge", "refund"];
const methods = ["office", "live", "rotating", "static", "tap", "vas", "smarttap", "manual", "claim", "counter"];

/** The bytes of an entry: 279 in format 2, if it has a month, else 255 in format 1. Throws for an entry that has no such form. */
export function canonicalBytes(e: Chained): Uint8Array {
  const bytes = new Uint8Array(e.month ? 279 : 255);
  const view = new DataView(bytes.buffer);
  const id = (at: number, kind: string, text: string | undefined) => bytes.set(idBytes(kind, text), at);
  const number = (at: number, value: number | bigint) => view.setBigInt64(at, BigInt(value));
  const named = (at: number, names: string[], name: string) => {
    const value = names.indexOf(name);
    if (name === "" || value < 0) throw new Error(`${name} has no number`);
    view.setUint8(at, value);
  };
  view.setUint8(0, e.month ? 2 : 1);
  id(1, "entry", e.id);
  id(17, "merchant", e.merchant);
  id(33, "merchant", e.operator);
  id(49, "card", e.card);
  number(65, e.seq);
  named(73, kinds, e.kind);
  number(74, e.units);
  number(82, e.balance);
  id(90, "program", e.program);
  view.setInt32(106, e.version);
  id(110, "location", e.location);
  id(126, "till", e.till);
  id(142, "staff", e.staff);
  named(158, methods, e.method);
  number(159, micros(e.captured_at));
  number(167, micros(e.posted_at));
  id(175, "entry", e.origin);
  id(191, "reward", e.reward);
  id(207, "voucher", e.voucher);
  if (e.commitment) bytes.set(hashBytes(e.commitment), 223);
  if (e.month) {
    view.setInt32(255, monthNumber(e.month));
    number(259, e.spend ?? 0);
    view.setInt32(267, e.rate ?? 0);
    number(271, e.discount ?? 0);
  }
  return bytes;
}

/**
 * Checks links, sums and order of a card's entries, from the first one on, and
 * that a card which was merged away ends there, and no earn or grant is refunded beyond
 * what it brought. That other kinds and origins make
 * sense, and what stands on other cards, is the server's audit to say.
 */
export async function verifyChain(card: string, entries: Chained[]): Promise<ChainResult> {
  let previous = await sha256(idBytes("card", card));
  let balance = 0n;
  let ended = false;
  const counted = new Map<string, [bigint, bigint]>();
  const refundable = new Map<string, bigint>(); // what is left of each earn or grant
  for (const [i, e] of entries.entries()) {
    const broken = (reason: string): ChainResult => ({ holds: false, brokenAt: i + 1, reason });
    if (e.card !== card) return broken("it is another card's");
    if (BigInt(e.seq) !== BigInt(i + 1)) return broken(`its seq is ${e.seq}`);
    let bytes: Uint8Array;
    try {
      bytes = canonicalBytes(e);
    } catch (error) {
      return broken((error as Error).message);
    }
    previous = await sha256(previous, bytes);
    if (toBase64url(previous) !== e.hash) return broken("its hash is another one");
    balance += BigInt(e.units);
    if (balance !== BigInt(e.balance)) return broken(`the balance after it should be ${balance}`);
    if (ended) return broken("the card had ended with a merge");
    const counts: [bigint, bigint] = [BigInt(e.spend ?? 0), BigInt(e.discount ?? 0)];
    if (e.kind === "void") {
      const [spend, discount] = counted.get(e.origin ?? "") ?? [0n, 0n];
      if (counts[0] !== -spend || counts[1] !== -discount) return broken("it takes back what its origin did not count");
    } else if (e.kind === "refund") {
      const [spend, discount] = counted.get(e.origin ?? "") ?? [0n, 0n];
      const left: [bigint, bigint] = [spend + counts[0], discount + counts[1]];
      if (counts[0] > 0n || counts[1] > 0n || left[0] < 0n || left[1] < 0n) return broken("it takes back more than its origin counted");
      counted.set(e.origin ?? "", left);
    } else if (counts[0] < 0n || counts[1] < 0n) return broken("it takes spend away");
    counted.set(e.id, counts);
    if (e.kind === "earn" || e.kind === "grant") refundable.set(e.id, BigInt(e.units));
    if (e.kind === "void" && e.origin) refundable.delete(e.origin);
    if (e.kind === "refund") {
      const left = (refundable.get(e.origin ?? "") ?? -1n) + BigInt(e.units);
      if (left < 0n || BigInt(e.units) > 0n) return broken("it refunds more than was earned");
      refundable.set(e.origin as string, left);
    }
    if (e.kind === "merge") {
      if (!e.origin) return broken("it names no merge on another card");
      ended = !e.commitment; // only the survivor's has one
      if (ended && balance !== 0n) return broken("it leaves something on the card that ended");
    }
  }
  return { holds: true, head: toBase64url(previous) };
}

/** What an entry commits to: the hash of a salt and a JSON text, byte for byte as kept. */
export async function commitmentOf(salt: Uint8Array, detail: string): Promise<string> {
  return toBase64url(await sha256(salt, new TextEncoder().encode(detail)));
}

function hashBytes(text: string): Uint8Array {
  const bytes = fromBase64url(text);
  if (bytes?.length !== 32) throw new Error(`${text} is not a hash`);
  return bytes;
}

/** 12 × year + month − 1. */
function monthNumber(text: string): number {
  const [, year, month] = /^(\d{4})-(0[1-9]|1[0-2])$/.exec(text) ?? [];
  if (!year || !month) throw new Error(`${text} is not a month`);
  return 12 * Number(year) + Number(month) - 1;
}

/** Microseconds since 1970, exactly: a Date has only milliseconds. */
function micros(text: string): bigint {
  const [, second, fraction = ""] = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d{1,6}))?Z$/.exec(text) ?? [];
  const milliseconds = second === undefined ? NaN : Date.parse(second + "Z");
  if (Number.isNaN(milliseconds)) throw new Error(`${text} is not a time`);
  return BigInt(milliseconds) * 1000n + BigInt(fraction.padEnd(6, "0"));
}
