// What the customer chose before showing the code: the till opens with it.
import { price, standing, whose } from "./card.js";
import { h, icon } from "./dom.js";
import { asking } from "./handing.js";
import { format } from "./money.js";
import { asksBill, billScreen, redeem } from "./worth.js";

/**
 * Shows the offer that was chosen, with the button that does it: one press hands it out,
 * or leads to the bill that it comes off. `other` goes on with the card, `back` comes
 * here again. False where nothing was chosen.
 */
export function wishScreen(till, scan, back, other) {
  const offer = scan.offers.find(({ chosen }) => chosen);
  if (!offer) return false;
  const { amount } = offer.chosen;
  const what = amount ? `${offer.name}: ${format(amount, offer.currency, till.words.language)}` : offer.name;
  const bill = asksBill(offer);
  const yes = bill ? till.say("wish.bill") : amount ? till.say("gift.button", { amount: format(amount, offer.currency, till.words.language) }) : asking(till, offer).yes;
  const use = () => (bill ? billScreen(till, scan, offer, back) : redeem(till, scan, offer, amount && { amount }));
  till.show("wish", h("div", { class: "card" },
    h("section", { class: "hero", "aria-labelledby": "whose" },
      h("h1", { id: "whose" }, whose(till, scan)), standing(till, scan.card, till.program(scan.card.program))),
    h("div", { class: "actions" },
      h("section", { class: "wish", "aria-labelledby": "wish" },
        h("h2", { id: "wish" }, till.say("wish.title")),
        h("p", { class: "gift" }, icon("gift"), h("b", {}, what)),
        h("p", { class: "small" }, price(till, { ...offer, cost: cost(offer), flexible: undefined })),
        h("button", { type: "button", class: "main huge", onclick: use }, yes)),
      h("button", { type: "button", onclick: other }, till.say("wish.other")),
      h("button", { type: "button", class: "quiet", onclick: () => till.home() }, till.say("close")))));
  return true;
}

/** What the chosen amount costs, where points pay for any. */
const cost = ({ cost, flexible, chosen: { amount } }) => (flexible ? Math.ceil((amount * flexible.units) / flexible.per) : cost);
