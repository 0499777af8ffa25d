// Rewards that are worth money: how much of them, off which bill, and what is left.
import { act } from "./acting.js";
import { amountScreen } from "./amount.js";
import { percent } from "./discount.js";
import { purchase } from "./keypad.js";
import { format } from "./money.js";
import { pointsScreen } from "./points.js";

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

/** The bill that something comes off: all of it, or what the reward is for. */
export function billScreen(till, scan, offer, back) {
  const { lines: only, rate, amount, currency, flexible } = offer;
  const [category] = only?.categories ?? [], [sku] = only?.skus ?? [];
  const off = rate ? percent(rate, till.words.language) : amount && money(till, amount, currency);
  const least = flexible?.min ?? 1;
  amountScreen(till, "worth", currency, {
    heading: offer.name, big: off && `−${off}`, back, least,
    title: only ? till.say("bill.only", { what: [...(only.categories ?? []), ...(only.skus ?? [])].join(", ") }) : till.say("grant.title"),
    hint: (total) => (total < least ? till.say("bill.least", { amount: money(till, least, currency) }) : ""),
    label: (typed) => till.say("bill.button", { amount: typed }),
    use: (total) => {
      const bill = purchase(total, currency);
      if (only) bill.items = [{ ...(category ? { category } : { sku }), quantity: 1000, unit: "piece", amount: total }];
      if (!flexible) return redeem(till, scan, offer, { purchase: bill });
      return pointsScreen(till, scan, offer, bill, (chosen) => redeem(till, scan, offer, { purchase: bill, amount: chosen }), back);
    },
  });
}

/** How much of a gift card is used. */
function giftScreen(till, scan, offer, back) {
  const left = money(till, offer.amount, offer.currency);
  amountScreen(till, "worth", offer.currency, {
    heading: offer.name, big: left, back, title: till.say("gift.title"), all: offer.amount, typed: offer.chosen?.amount,
    most: offer.amount, full: till.say("gift.most", { left }),
    hint: (amount) => till.say("gift.after", { left: money(till, offer.amount - amount, offer.currency) }),
    label: (amount) => till.say("gift.button", { amount }),
    use: (amount) => redeem(till, scan, offer, { amount }),
  });
}

/** A reward with what it took off, or what of a gift card was used; undefined where something was handed out. */
export const worn = (till, { offer }, { off }) => (off ? `${offer.name}: ${money(till, off, offer.currency)}` : undefined);

/** What was taken off and what is to pay, or what a gift card has left; nothing where something was handed out, or only a part of the bill is known. */
export function used(till, { offer }, { off, pay, card }) {
  if (!off || offer.lines) return undefined;
  const { currency, voucher } = offer;
  if (pay !== undefined) return till.say("grant.done", { off: money(till, off, currency), pay: money(till, pay, currency) });
  const left = card.vouchers.find(({ id }) => id === voucher)?.left ?? 0;
  return till.say("gift.done", { off: money(till, off, currency), left: money(till, left, currency) });
}
