// What a code says that nobody has verified yet: mobile-contracts/tokens.md has the
// formats. Only as much is read as a till must know without the network.
import { decode, decode32, shown } from "./bytes.js";

const spaces = /^[ \t\r\n]+|[ \t\r\n]+$/g;

/**
 * What was read: {method, text, mark, still, tail}. `mark` is the same whenever the same
 * code is shown again, and absent where it always is the same: there `still` tells whose
 * it is. `tail` is how people know the card by. Undefined when it is none of the codes that can be kept for later.
 */
export function codeOf(read, channel) {
  const text = channel === "wedge" || channel === "typed" ? read.replace(spaces, "") : read;
  if (text.startsWith("eyJ")) return live(text);
  if (text.startsWith("STR.")) return rotating(text);
  if (text.startsWith("STS.")) return still(text);
  if (/^https?:\/\//.test(text) && channel === "nfc") return { method: "tap", text, mark: `tap ${text}` };
  return undefined;
}

const tail = (card) => shown(card).slice(-4).toUpperCase();

/** The longest live token, in characters. */
const longest = 230;

/** The life of a live token, and how far clocks may differ, in ms. */
export const life = 60_000, leeway = 5000;

function live(text) {
  if (text.length > longest) return undefined;
  const [, payload] = text.split(".").map((part) => decode(part));
  if (!payload) return undefined;
  const [, sub, jti, exp] = /^\{"sub":"([\w-]{22})","jti":"([\w-]{11})","exp":([1-9]\d{0,11})\}$/.exec(new TextDecoder().decode(payload)) ?? [];
  const card = sub && decode(sub), unique = jti && decode(jti);
  if (!card?.some(Boolean) || !unique) return undefined;
  return { method: "live", text, card: sub, mark: `live ${sub} ${jti}`, tail: tail(card), expires: Number(exp) * 1000 };
}

// Key number, number and epoch of the secret, card, tag; then eight digits.
function rotating(text) {
  const fields = text.length === 60 && /^\d{8}$/.test(text.slice(52)) && decode32(text.slice(4, 52));
  if (fields?.length !== 30) return undefined;
  return { method: "rotating", text, mark: `rotating ${text}`, tail: tail(fields.subarray(5, 21)) };
}

// Key number, surface, generation, card, MAC.
function still(text) {
  const fields = text.length === 60 && decode32(text.slice(4));
  if (fields?.length !== 35) return undefined;
  const card = fields.subarray(4, 20);
  return { method: "static", text, still: shown(card), tail: tail(card) };
}
