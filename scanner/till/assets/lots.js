// Points by date: those that are on their way, and those that run out soon.
import { h } from "./dom.js";

/** What runs out within so long is worth a word to the customer, in ms. */
export const soon = 60 * 86_400_000;

/** A line of what comes and what goes; undefined where the card has neither. */
export function dated(till, { pending, expiring }) {
  const { words } = till, now = till.now();
  const said = (id, { units }, at) => words.count(id, units, { day: words.day(at, now, till.here.zone) });
  const ends = expiring && Date.parse(expiring.expires_at) - 1; // on its last day
  const lines = [
    pending && said("pending", pending, Date.parse(pending.available_at)),
    ends - now < soon && said("expiring", expiring, ends),
  ].filter(Boolean);
  return lines.length > 0 ? h("p", { class: "dated" }, lines.join(" · ")) : undefined;
}
