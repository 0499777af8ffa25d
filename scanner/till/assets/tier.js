// How long a card's tier lasts, and the way to the next one, in what the program counts for it.
import { h } from "./dom.js";
import { format } from "./money.js";

/** When a tier's time is over, and once it is, when it falls: in ms, as `now` is. Undefined where it is kept for good. */
export function ends({ until, falls_at: falls }, now) {
  const over = until && Date.parse(until);
  return over <= now ? Date.parse(falls) : over;
}

/** How much is missing to the next tier; undefined where there is none, or the till does not know how it is counted. */
export function nearing(till, { program, kind, tier: { next } = {} }) {
  const rules = till.program(program)?.tiers;
  if (!next?.missing || !rules) return undefined;
  const { words } = till, tier = next.name;
  return h("p", { class: "nearing" }, rules.by === "spend"
    ? till.say("tier.spend", { amount: format(next.missing, rules.currency, words.language), tier })
    : words.count(`tier.${kind === "stamps" ? "stamps" : "points"}`, next.missing, { tier }));
}
