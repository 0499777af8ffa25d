// What the customer chose before showing the code, ready to be handed out.
import { h, icon } from "./dom.js";
import { format } from "./money.js";
import { asksBill, billScreen, redeem } from "./worth.js";

/**
 * The offer that was chosen, with the button that does it: one press hands it out, or
 * leads to the bill that it comes off. `price` says what an offer costs. Nothing where
 * nothing was chosen.
 */
export function wish(till, scan, price, back) {
  const offer = scan.offers.find(({ chosen }) => chosen);
  if (!offer) return undefined;
  const { amount } = offer.chosen;
  const what = amount ? `${offer.name}: ${format(amount, offer.currency, till.words.language)}` : offer.name;
  const bill = asksBill(offer);
  const use = () => (bill ? billScreen(till, scan, offer, back) : redeem(till, scan, offer, amount && { amount }));
  return h("section", { class: "wish", "aria-labelledby": "wish" },
    h("h2", { id: "wish" }, till.say("wish.title")),
    h("p", { class: "gift" }, icon("gift"), h("b", {}, what)),
    h("p", { class: "small" }, price(till, offer)),
    h("button", { type: "button", class: "main", onclick: use }, till.say(bill ? "wish.bill" : "redeem.button")));
}
