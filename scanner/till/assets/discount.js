// A card's discount and tier, and taking the discount off a bill.
import { act } from "./acting.js";
import { h } from "./dom.js";
import { keypad, purchase } from "./keypad.js";
import { format } from "./money.js";
import { meter, part } from "./progress.js";
import { nearing } from "./tier.js";

/** Hundredths of a percent as people write them. */
export const percent = (rate, language) =>
  new Intl.NumberFormat(language, { style: "percent", maximumFractionDigits: 2 }).format(rate / 10_000);

const money = (till, total, currency) => format(total, currency, till.words.language);

/** How a discount card stands: the percentage, and the way to the next one. */
export function discountStanding(till, { discount }) {
  if (!discount) return undefined; // the card is not, or no longer, for whoever holds it
  const { language } = till.words;
  const { next } = discount;
  const text = next
    ? till.say("discount.next", { amount: money(till, next.missing, discount.currency), percent: percent(next.rate, language) })
    : till.say("discount.highest");
  return [
    h("p", { class: "percent" }, percent(discount.rate, language)),
    meter(next ? part(next.from - next.missing, next.from) : 1, text),
    h("p", { class: "missing" }, text),
  ];
}

/** The card's tier with what it is good for, and the way to the next one. */
export function tierLine(till, card) {
  const { tier } = card;
  if (!tier?.name) return nearing(till, card);
  const last = tier.until && new Date(new Date(tier.until) - 1);
  const until = last && new Intl.DateTimeFormat(till.words.language, { timeZone: till.here.zone, dateStyle: "medium" }).format(last);
  return [
    h("p", { class: "tier" }, until ? till.say("tier.until", { tier: tier.name, date: until }) : tier.name),
    nearing(till, card),
    tier.perks && h("ul", { class: "perks" }, tier.perks.map((perk) => h("li", {}, perk))),
  ];
}

/** The keypad that takes the discount off. */
export function granting(till, scan, cancel) {
  const { rate, currency } = scan.card.discount;
  const share = percent(rate, till.words.language);
  return keypad(till, currency, {
    title: till.say("grant.title"), cancel,
    label: (amount) => (rate ? till.say("grant.button", { percent: share, amount }) : till.say("grant.count", { amount })),
    use: (total, amount) => act(till, {
      what: "grant", path: "/v1/scans/grant", body: { scan: scan.scan, purchase: purchase(total, currency) },
      text: till.say("grant.what", { percent: share, amount }), scan,
    }),
  });
}

/** What was granted: the amount off, and what is left to pay. */
export function granted(till, { body }, entry) {
  const { total, currency } = body.purchase;
  const off = entry.discount ?? 0;
  return till.say("grant.done", { off: money(till, off, currency), pay: money(till, total - off, currency) });
}

/** What was taken off alone, or what was counted where nothing was. */
export const lessened = (till, { body: { purchase: { total, currency } } }, { discount: off = 0 }) =>
  (off ? till.say("return.off", { amount: money(till, off, currency) }) : money(till, total, currency));

/** Of a card that earns, whose tier gives a discount besides: a way to its keypad. `name` says whose it is. */
export function grantScreen(till, scan, name, back) {
  till.show("grant", h("div", { class: "card spending" },
    h("section", { class: "hero", "aria-labelledby": "whose" },
      h("h1", { id: "whose" }, name),
      h("p", { class: "program" }, scan.card.program_name),
      h("p", { class: "percent" }, percent(scan.card.discount.rate, till.words.language)),
      tierLine(till, scan.card)),
    h("div", { class: "actions" }, granting(till, scan, back), h("button", { type: "button", class: "quiet", onclick: back }, till.say("back")))));
}
