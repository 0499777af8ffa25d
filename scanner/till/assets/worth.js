// Rewards that are worth money: how much of them, off which bill, and what is left.
import { act } from "./acting.js";
import { percent } from "./discount.js";
import { h } from "./dom.js";
import { keypad, purchase } from "./keypad.js";
import { format } from "./money.js";

const money = (till, minor, currency) => format(minor, currency, till.words.language);

/** What an offer is worth, in short; nothing where something is handed out, or its name says it. */
export const worth = (till, { kind, voucher, amount, currency }) =>
  kind === "gift_card" && voucher && till.say("gift.left", { left: money(till, amount, currency) });

/** Asks for the bill, or for how much is to be used. False where the reward needs neither. */
export function asks(till, scan, offer, back) {
  switch (offer.kind) {
    case "percent_off": case "amount_off": billScreen(till, scan, offer, back); return true;
    case "gift_card": if (offer.voucher) giftScreen(till, scan, offer, back); return Boolean(offer.voucher);
    default: return false;
  }
}

/** Whether an offer is taken off a bill. */
export const asksBill = ({ kind }) => kind === "percent_off" || kind === "amount_off";

export const redeem = (till, scan, offer, more) => act(till, {
  what: "redeem", path: "/v1/scans/redeem", text: offer.name, scan, offer,
  body: { scan: scan.scan, ...(offer.voucher ? { voucher: offer.voucher } : { reward: offer.reward }), ...more },
}, offer.needs_pin);

/** A screen that asks for an amount; `all` is what the button uses while nothing is typed, `typed` what is there before. */
function amountScreen(till, offer, back, { title, standing, all, typed, label, use }) {
  till.show("worth", h("div", { class: "card" },
    h("section", { class: "hero" }, h("h1", {}, offer.name), standing && h("p", { class: "percent" }, standing)),
    h("div", { class: "actions" },
      keypad(till, offer.currency, { title, hint: () => "", label, use, all, typed }),
      h("button", { type: "button", class: "quiet", onclick: back }, till.say("back")))));
}

/** The bill that something comes off: all of it, or what the reward is for. */
export function billScreen(till, scan, offer, back) {
  const { lines: only, rate, amount, currency } = offer;
  const [category] = only?.categories ?? [], [sku] = only?.skus ?? [];
  const off = rate ? percent(rate, till.words.language) : amount && money(till, amount, currency);
  amountScreen(till, offer, back, {
    title: only ? till.say("bill.only", { what: [...(only.categories ?? []), ...(only.skus ?? [])].join(", ") }) : till.say("grant.title"),
    standing: off && `−${off}`,
    label: (typed) => till.say("bill.button", { amount: typed }),
    use: (total) => {
      const bill = purchase(total, currency);
      if (only) bill.items = [{ ...(category ? { category } : { sku }), quantity: 1000, unit: "piece", amount: total }];
      return offer.flexible ? choiceScreen(till, scan, offer, bill, back) : redeem(till, scan, offer, { purchase: bill });
    },
  });
}

/** How much of the bill points pay. */
function choiceScreen(till, scan, offer, bill, back) {
  const { units, per, min, max } = offer.flexible;
  const most = Math.min(bill.total, max ?? bill.total, Math.floor((scan.card.balance * per) / units));
  amountScreen(till, offer, back, {
    title: till.say("off.title"), all: most >= min ? most : 0, typed: Math.min(offer.chosen?.amount ?? 0, most),
    standing: money(till, bill.total, offer.currency),
    label: (amount) => till.say("off.button", { amount }),
    use: (amount) => redeem(till, scan, offer, { purchase: bill, amount }),
  });
}

/** How much of a gift card is used. */
function giftScreen(till, scan, offer, back) {
  amountScreen(till, offer, back, {
    title: till.say("gift.title"), all: offer.amount, typed: offer.chosen?.amount, standing: money(till, offer.amount, offer.currency),
    label: (amount) => till.say("gift.button", { amount }),
    use: (amount) => redeem(till, scan, offer, { amount }),
  });
}

/** What was taken off and what is to pay, or what a gift card has left; nothing where something was handed out. */
export function used(till, { offer }, { off, pay, card }) {
  if (!off) return undefined;
  const { currency, voucher } = offer;
  if (pay !== undefined) return till.say("grant.done", { off: money(till, off, currency), pay: money(till, pay, currency) });
  const left = card.vouchers.find(({ id }) => id === voucher)?.left ?? 0;
  return till.say("gift.done", { off: money(till, off, currency), left: money(till, left, currency) });
}

/** Of a bill that something came off: a button that credits what was paid, where the program counts by spend. */
export function crediting(till, { what, offer, scan, body }, { off, pay, card }) {
  const program = till.program(card.program);
  if (what !== "redeem" || !off || !pay || scan.earned || offer.lines || program?.earn?.by !== "spend") return undefined;
  const paid = { ...body.purchase, paid_with_reward: off };
  return h("button", { type: "button", onclick: () => act(till, {
    what: "earn", path: "/v1/scans/earn", body: { scan: scan.scan, purchase: paid }, text: money(till, pay, offer.currency), scan,
  }, scan.earn?.needs_pin) }, till.say("bill.credit"));
}
