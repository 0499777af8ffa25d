// What the customer chose before showing the code: the till opens with it.
import { price, standing, whose } from "./card.js";
import { h, icon } from "./dom.js";
import { asking } from "./handing.js";
import { holding } from "./holding.js";
import { format } from "./money.js";
import { asks, asksBill, redeem } from "./worth.js";

/**
 * Shows the offer that was chosen, with the button that does it: one press hands it out,
 * or leads to the bill that it comes off, or to how much of a gift card where the customer
 * left that open. `other` goes on with the card, `back` comes
 * here again. False where nothing was chosen.
 */
export function wishScreen(till, scan, back, other) {
  const offer = scan.offers.find(({ chosen }) => chosen);
  if (!offer) return false;
  const { amount } = offer.chosen;
  const what = amount ? `${offer.name}: ${format(amount, offer.currency, till.words.language)}` : offer.name;
  const { note, yes } = asking(till, offer);
  const part = offer.kind === "gift_card" && offer.voucher;
  const typed = asksBill(offer) ? till.say("wish.bill") : part && !amount && till.say("wish.part");
  const button = typed || (part ? till.say("gift.button", { amount: format(amount, offer.currency, till.words.language) }) : yes);
  const use = h("button", { type: "button", class: "main huge", onclick: () => (typed ? asks(till, scan, offer, back) : redeem(till, scan, offer, amount && { amount })) }, button);
  const [hold, held] = holding(till, scan, offer, use) ?? [];
  till.show("wish", h("div", { class: "card" },
    h("section", { class: "hero", "aria-labelledby": "whose" },
      h("h1", { id: "whose" }, whose(till, scan)), standing(till, scan.card, till.program(scan.card.program))),
    h("div", { class: "actions" },
      h("section", { class: "wish", "aria-labelledby": "wish" },
        h("h2", { id: "wish" }, till.say("wish.title")),
        h("p", { class: "gift" }, icon("gift"), h("b", {}, what)),
        h("p", { class: "small" }, price(till, scan, { ...offer, cost: cost(offer), flexible: undefined })),
        note && h("p", { class: "notice" }, note),
        held,
        use,
        hold),
      h("button", { type: "button", onclick: other }, till.say("wish.other")),
      h("button", { type: "button", class: "quiet", onclick: () => till.home() }, till.say("close")))));
  return true;
}

/** What the chosen amount costs, where points pay for any. */
const cost = ({ cost, flexible, chosen: { amount } }) => (flexible ? Math.ceil((amount * flexible.units) / flexible.per) : cost);
