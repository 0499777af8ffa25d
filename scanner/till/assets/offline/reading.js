// What was read, as far as it can be checked without the server: with its public keys,
// the clock, and what was used at this till.
import { keep } from "../keep.js";
import { foreign } from "../foreign.js";
import { signed, Unable } from "./check.js";
import { codeOf, leeway, life } from "./codes.js";
import { Declined } from "./declined.js";
import { readStatement, tail } from "./statement.js";

/**
 * A card's code: {method, read, channel, card, mark, tail, at, genuine, used}. `used` is
 * when it was used here, by action, in ms. Errors: Declined.
 */
export async function readCard(till, read, channel) {
  const code = codeOf(read, channel);
  if (!code && readStatement(read)) throw new Declined("offline_card_first");
  if (!code) throw new Declined(channel === "nfc" ? "offline_not_this" : "credential_unknown", { foreign: foreign(read) });
  const genuine = code.method === "live" && await verify(till, code);
  const { clock } = till.offline;
  return { ...code, read, channel, at: Math.floor(clock.now()), genuine, used: await usedOf(till, code) };
}

async function usedOf({ offline }, { mark, still }) {
  const waits = keep.get("action"); // what has no answer yet may have happened
  if (still && waits?.scan?.still === still) return { [waits.what]: waits.at };
  return mark ? { earn: await offline.usedAt(mark, "earn"), redeem: await offline.usedAt(mark, "redeem") } : {};
}

/** Whether a live code is ours; false when this browser cannot say. */
async function verify(till, { text, expires }) {
  const payload = await payloadOf(till, text, "live");
  if (payload === undefined) return false;
  if (payload === "") throw new Declined("credential_invalid");
  const { clock } = till.offline;
  const { skew } = clock.kept;
  if (!clock.within(expires - life - leeway, expires + leeway)) throw new Declined("credential_expired");
  if (clock.kept.skew !== skew) await till.offline.keepClock();
  return true;
}

/** The payload, "" when it is not signed by us, undefined when this browser cannot say. */
async function payloadOf({ keys }, text, purpose, header) {
  try {
    return await signed(text, keys, purpose, header) ?? "";
  } catch (error) {
    if (error instanceof Unable) return undefined;
    throw error;
  }
}

/** A voucher's code that belongs to a card that was read: {text, voucher, reward}. Errors: Declined. */
export async function readVoucher(till, read, presented) {
  const { offline } = till;
  const said = readStatement(read);
  if (!said) throw new Declined("offline_no_statement");
  if (!await payloadOf(till, said.text, "statement", tail)) throw new Declined("statement_invalid");
  if (said.card !== presented.card) throw new Declined("offline_other_card");
  if (!offline.clock.within(said.from - leeway, said.until)) throw new Declined("statement_expired");
  const used = await offline.usedAt(`voucher ${said.voucher}`, "redeem");
  if (used) throw new Declined("credential_already_used", { used: offline.here(used) });
  return said;
}
