// The code of a voucher that customers show where the shop has no network:
// mobile-contracts/offline.md, "Statements".
import { decode, shown } from "./bytes.js";

/** What its header has after the key's id. */
export const tail = '","typ":"voucher+jwt"}';

const longest = 320; // characters
const lasts = 600_000; // ms, from when it is made

/** What a text says that nobody has verified yet: {text, card, voucher, reward, from, until}, times in ms. Undefined when it is no such code. */
export function readStatement(read) {
  const text = read.trim();
  if (text.length > longest || !text.startsWith("eyJ")) return undefined;
  const [header, payload] = text.split(".").map((part) => decode(part)).map((bytes) => bytes && new TextDecoder().decode(bytes));
  if (!header?.endsWith(tail)) return undefined;
  const [, card, voucher, reward, exp] = /^\{"sub":"([\w-]{22})","vch":"([\w-]{22})","rwd":"([\w-]{22})","exp":([1-9]\d{0,11})\}$/.exec(payload ?? "") ?? [];
  const [v, r] = [voucher, reward].map((id) => id && decode(id));
  if (!v || !r) return undefined;
  const until = Number(exp) * 1000;
  return { text, card, voucher: `voucher_${shown(v)}`, reward: `reward_${shown(r)}`, from: until - lasts, until };
}
