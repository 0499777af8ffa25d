// What a reward is to whoever gets it: a thing that is handed out, a code of another
// shop, a gift card that comes onto the card, or money off the bill. Each is asked for
// and told in its own words.
import { h, icon } from "./dom.js";
import { format } from "./money.js";

/** Whether redeeming an offer puts a new gift card onto the card. */
const buys = (offer) => offer?.kind === "gift_card" && !offer.voucher;

/** The name of the words for an offer: those of things that are handed out have the plain one. */
const way = (offer) => (buys(offer) ? ".gift" : offer?.kind === "code" ? ".code" : "");

/** The question before it is done, what happens then, and the yes to it. */
export const asking = (till, offer) => ({
  title: till.say(`redeem.title${way(offer)}`),
  note: buys(offer) && till.say("redeem.gift", { value: format(offer.amount, offer.currency, till.words.language) }),
  yes: till.say(`redeem.button${way(offer)}`),
});

/** What is to be done now that it is booked. */
export function headline(till, { what, offer }, { off }) {
  if (what !== "redeem") return till.say(`done.${what}`);
  return off ? till.say("done.off", { off: format(off, offer.currency, till.words.language) }) : till.say(`done.redeem${way(offer)}`);
}

/** What is left to pay of a bill that a reward took something off; undefined of anything else, and where only a part of the bill is known. */
export const left = (till, { what, offer }, { off, pay }) =>
  (what === "redeem" && off && pay !== undefined && !offer.lines ? till.say("off.pay", { pay: format(pay, offer.currency, till.words.language) }) : undefined);

/** The day before a voucher has ended. */
const lastDay = (till, ends) => new Intl.DateTimeFormat(till.words.language, { timeZone: till.here.zone, dateStyle: "medium" }).format(new Date(ends) - 1);

/** Where a voucher came from, and until when it is good. */
export function provenance(till, { card, offers }, { voucher, reward, kind }) {
  const ends = card.vouchers?.find(({ id }) => id === voucher)?.expires_at;
  const sold = kind === "gift_card" && offers.some((other) => other.reward === reward && other.cost);
  return [till.say(sold ? "reward.bought" : "reward.voucher"), ends && till.say("reward.until", { until: lastDay(till, ends) })].filter(Boolean).join(" · ");
}

/** Of a gift card that was just bought: that the card has it now, and how to pay with it; undefined of anything else. */
export function bought(till, { what, offer, scan }, { card }) {
  if (what !== "redeem" || !buys(offer)) return undefined;
  const { value = offer.amount, expires_at: ends } = card.vouchers.find(({ id, reward }) => reward === offer.reward && !scan.card.vouchers.some((before) => before.id === id)) ?? {};
  const until = ends && lastDay(till, ends);
  return h("div", { class: "explained" },
    h("p", {}, icon("gift"), h("b", {}, till.say("gift.added", { value: format(value, offer.currency, till.words.language) }))),
    h("p", {}, till.say("gift.parts")),
    until && h("p", {}, till.say("good.until", { until })));
}
