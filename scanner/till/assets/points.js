// Points as money: how much of a bill the customer's points pay.
import { amountScreen } from "./amount.js";
import { h } from "./dom.js";
import { format } from "./money.js";

/** How many points an amount in minor units takes, rounded up as the server does. */
export const cost = ({ units, per }, amount) => Math.ceil((amount * units) / per);

/** The most that points can take off a bill, in minor units, and what holds it there: the bill, the points, or the reward. */
export function ceiling({ units, per, max }, bill, balance) {
  const [most, why] = [[bill, "bill"], [Math.floor((balance * per) / units), "points"], [max || Infinity, "reward"]].reduce((least, one) => (one[0] < least[0] ? one : least));
  return { most, why };
}

/** Asks how much of a bill the points pay; `use` takes the amount. */
export function pointsScreen(till, scan, { name, flexible, currency, chosen }, bill, use, back) {
  const { words } = till, { balance } = scan.card;
  const money = (minor) => format(minor, currency, words.language);
  const { most, why } = ceiling(flexible, bill.total, balance);
  const limit = till.say(`off.most.${why}`, { most: money(most) });
  const least = words.count("off.least", cost(flexible, flexible.min), { amount: money(flexible.min) });
  amountScreen(till, "worth", currency, {
    heading: name, big: [h("small", {}, till.say("bill.label")), " ", money(bill.total)], lines: [least, limit], back,
    title: till.say("off.title"), least: flexible.min, most, full: limit, typed: chosen?.amount, all: most >= flexible.min ? most : 0,
    hint: (amount) => (amount < flexible.min ? least : till.say("points.of", { have: words.number.format(cost(flexible, amount)), at: words.number.format(balance) })),
    label: (amount) => till.say("off.button", { amount }),
    use,
  });
}
