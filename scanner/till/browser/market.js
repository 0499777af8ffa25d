// A supermarket of the tests' own, with a long catalogue of every kind of reward.
import { api } from "../../../passes/web/browser/site.js";

const things = ["A shopping bag", "A bunch of flowers", "Freshly ground coffee, 250 g", "A frying pan", "Two cinema tickets", "A cookery book", "A beach towel", "Wooden train for children"];

const rewards = [
  ...things.map((name, i) => ({ name, cost: 20 + 30 * i })),
  { name: "Gift card over 20 euro", kind: "gift_card", cost: 200, amount: 2000, currency: "EUR", valid_days: 365 },
  { name: "Points as money", kind: "amount_off", flexible: { units: 10, per: 100, min: 500, max: 3000 }, currency: "EUR" },
  { name: "10 % off everything", kind: "percent_off", cost: 100, rate: 1000, rounding: "down", currency: "EUR" },
  { name: "5 euro off", kind: "amount_off", cost: 50, amount: 500, currency: "EUR" },
  { name: "2 euro off the bread", kind: "amount_off", cost: 20, amount: 200, currency: "EUR", lines: { categories: ["bread"] } },
];

const tiers = {
  by: "spend", currency: "EUR", over: "lifetime", rounding: "down",
  levels: [{ name: "Silver", from: 20_000, multiplier: 1250, rate: 300, perks: ["Parking for two hours"] }, { name: "Gold", from: 50_000, multiplier: 1500, rate: 500 }],
};

const made = {};

/** The program, made once; `few` has the named rewards alone. */
export async function market(few) {
  const name = few ? "Corner shop" : "Supermarket";
  made[name] ??= api("POST", "/v1/programs", {
    rules: {
      name, kind: "points", tiers, earn: { by: "spend", units: 1, per: 100, currency: "EUR", rounding: "down" },
      rewards: few ? rewards.filter((reward) => few.includes(reward.name)) : rewards,
    },
  }).then(({ id }) => id);
  return made[name];
}

/** A card of a program, with so many points. */
export async function cardWith(program, units) {
  const card = (await api("POST", "/v1/cards", { program })).id;
  await api("POST", `/v1/cards/${card}/adjustments`, { units, note: "for the test" });
  return card;
}

/** A card that is full, of stamps for each ten euro: its voucher is worth money. */
export async function washed(reward) {
  const program = (await api("POST", "/v1/programs", {
    rules: { name: "Ten washes", kind: "stamps", card_size: 5, card_reward: reward.name, rewards: [reward], earn: { by: "spend", units: 1, per: 1000, currency: "EUR", rounding: "down" } },
  })).id;
  return cardWith(program, 5);
}
