// What is left to do of a visit after a reward or a discount: what the customer paid
// is credited on the same scan, without the part that was not paid in money.
import { act } from "./acting.js";
import { amountScreen } from "./amount.js";
import { earn, earning, standing, whose } from "./card.js";
import { h } from "./dom.js";
import { purchase } from "./keypad.js";
import { without } from "./lines.js";
import { format } from "./money.js";

/** How it goes on after an action: {label, go, leads}, where `leads` says that it is the next thing to do; `back` leads here again. Undefined where nothing is left to credit. */
export function crediting(till, { what, offer, scan, body }, answer, back) {
  const { card } = answer, program = till.program(card.program);
  if ((what !== "redeem" && what !== "grant") || scan.earned || scan.earn?.allowed === false || !program || card.kind === "discount" || program.earn.lines_only) return undefined;
  const off = what === "grant" ? answer.entries.find(({ kind }) => kind === "grant").discount ?? 0 : answer.off;
  const served = { ...scan, card, redeemed: scan.redeemed || what === "redeem", granted: scan.granted || what === "grant" };
  if (off === undefined || program.earn.by !== "spend") {
    return { label: till.say("credit.more"), go: () => moreScreen(till, served, program, back) };
  }
  const bill = body.purchase;
  if (!bill || offer?.lines) { // only a part of the bill is known
    return { label: till.say("bill.credit"), go: () => billScreen(till, served, program, off, back), leads: true };
  }
  const paid = (bill.paid_with_reward ?? 0) + off;
  if (paid >= bill.total) return undefined;
  return { label: till.say("credit.paid", { amount: money(till, bill.total - paid, bill.currency) }), go: () => credit(till, served, bill, paid), leads: true };
}

const money = (till, minor, currency) => format(minor, currency, till.words.language);

/** Credits a bill of which a part was not paid in money. */
const credit = (till, scan, bill, paid) => earn(till, scan, { purchase: { ...bill, paid_with_reward: paid } }, { total: bill.total - paid, currency: bill.currency });

/** Asks for the whole bill. What came off was part of it. */
function billScreen(till, scan, { earn: rule }, off, back) {
  const { currency } = rule;
  const words = { off: money(till, off, currency) };
  amountScreen(till, "worth", currency, {
    heading: till.say("bill.credit"), big: `−${words.off}`, lines: [till.say("credit.whole", words)], back,
    title: till.say("credit.bill"), note: without(till, rule), least: off + 1,
    hint: (total) => (total > off ? till.say("credit.rest", { amount: money(till, total - off, currency) }) : till.say("credit.least", words)),
    label: (total) => till.say("credit.button", { amount: total }),
    use: (total) => credit(till, scan, purchase(total, currency), off),
  });
}

/** The card with what earns alone: its rewards were offered before. */
function moreScreen(till, scan, program, back) {
  till.show("worth", h("div", { class: program.earn.by === "spend" ? "card spending" : "card" },
    h("section", { class: "hero" }, h("h1", {}, whose(till, scan)), h("p", { class: "program" }, scan.card.program_name), standing(till, scan.card, program)),
    h("div", { class: "actions" },
      earning(till, program, (body, about) => earn(till, scan, body, about), { multiplier: scan.card.tier?.multiplier, cancel: back }),
      h("button", { type: "button", class: "quiet", onclick: back }, till.say("back")))));
}
