// A card's discount and tier, and taking the discount off a bill.
import { act } from "./acting.js";
import { h } from "./dom.js";
import { keypad, purchase } from "./keypad.js";
import { format } from "./money.js";
import { meter, part } from "./progress.js";
import { ends, nearing } from "./tier.js";

/** Hundredths of a percent as people write them. */
export const percent = (rate, language) =>
  new Intl.NumberFormat(language, { style: "percent", maximumFractionDigits: 2 }).format(rate / 10_000);

const money = (till, total, currency) => format(total, currency, till.words.language);

/** How a discount card stands: the percentage, and the way to the next one. */
export function discountStanding(till, { discount }) {
  if (!discount) return undefined; // the card is not, or no longer, for whoever holds it
  return [h("p", { class: "percent" }, percent(discount.rate, till.words.language)), way(till, discount)];
}

/** How a card stands after its discount was given: the next bill has another one. */
export const fromNow = (till, card) => [
  card.discount && h("p", { class: "count" }, till.say("discount.now", { percent: percent(card.discount.rate, till.words.language) })),
  card.discount && way(till, card.discount),
  tierLine(till, card),
];

/** The way to the next percentage. */
function way(till, { next, currency }) {
  const text = next
    ? till.say("discount.next", { amount: money(till, next.missing, currency), percent: percent(next.rate, till.words.language) })
    : till.say("discount.highest");
  return [
    meter(next ? part(next.from - next.missing, next.from) : 1, text),
    h("p", { class: "missing" }, text),
  ];
}

/** The card's tier with what it is good for, and the way to the next one. */
export function tierLine(till, card) {
  const tier = worthwhile(till, card);
  if (!tier?.name) return nearing(till, card);
  const end = ends(tier, till.now());
  const last = end && new Date(end - 1);
  const until = last && new Intl.DateTimeFormat(till.words.language, { timeZone: till.here.zone, dateStyle: "medium" }).format(last);
  return [
    h("p", { class: "tier" }, until ? till.say("tier.until", { tier: tier.name, date: until }) : tier.name),
    nearing(till, card),
    tier.perks && h("ul", { class: "perks" }, tier.perks.map((perk) => h("li", {}, perk))),
  ];
}

/** A card's tier, with the discount that it gives on a card that earns at its name. */
function worthwhile(till, { kind, tier, discount }) {
  if (!tier?.name || kind === "discount" || !discount?.rate) return tier;
  return { ...tier, name: till.say("tier.off", { tier: tier.name, percent: percent(discount.rate, till.words.language) }) };
}

/** The keypad that takes the discount off; `bill` is the purchase, where it is known, and `cancel` what Escape does. */
export function granting(till, scan, { bill, cancel }) {
  const { rate, currency } = scan.card.discount;
  const share = percent(rate, till.words.language);
  return keypad(till, currency, {
    title: till.say("grant.title"), typed: bill?.total, cancel,
    label: (amount) => (rate ? till.say("grant.button", { percent: share, amount }) : till.say("grant.count", { amount })),
    use: (total, amount) => act(till, {
      what: "grant", path: "/v1/scans/grant", body: { scan: scan.scan, purchase: total === bill?.total ? bill : purchase(total, currency) },
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

/** Of a card that earns, whose tier gives a discount besides: the way to its keypad; undefined where there is none, or this scan has had it. The rest is as of grantScreen. */
export function taking(till, scan, name, back, bill) {
  const { kind, program, discount } = scan.card;
  if (kind === "discount" || !discount?.rate || scan.granted || scan.redeemed || !till.program(program)) return undefined;
  const label = till.say("grant.open", { percent: percent(discount.rate, till.words.language) });
  return h("button", { type: "button", class: "off", onclick: () => grantScreen(till, scan, name, back, bill) }, label);
}

/** `name` says whose card it is, `back` leads back, and `bill` is the purchase that was credited on this scan. */
function grantScreen(till, scan, name, back, bill) {
  till.show("grant", h("div", { class: "card spending" },
    h("section", { class: "hero", "aria-labelledby": "whose" },
      h("h1", { id: "whose" }, name),
      h("p", { class: "program" }, scan.card.program_name),
      h("p", { class: "percent" }, percent(scan.card.discount.rate, till.words.language)),
      tierLine(till, scan.card)),
    h("div", { class: "actions" },
      granting(till, scan, { bill: bill?.currency === scan.card.discount.currency ? bill : undefined, cancel: back }),
      h("button", { type: "button", class: "quiet", onclick: back }, till.say("back")))));
}
