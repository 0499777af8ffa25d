// Yes and no, so that nobody can take one for the other: by colour, sign, word,
// sound and shake.
import { cardScreen, kindOf, standing, whose } from "./card.js";
import { crediting } from "./credit.js";
import { fromNow, taking } from "./discount.js";
import { h, icon } from "./dom.js";
import { heading, sentence } from "./refusal.js";
import { bought, headline, left } from "./handing.js";
import { partnerCode } from "./partner.js";
import { signal } from "./signal.js";
import { undo } from "./acting.js";
import { because } from "./why.js";

/** How long a "yes" that asks for nothing stays, in ms. */
const stay = 5000;

/** `again` shows it once more, without its sound. */
export function doneScreen(till, action, answer, { again = false } = {}) {
  const { what, text, scan } = action;
  const ready = what === "earn" ? answer.offers.filter((offer) => offer.available) : [];
  const voucher = ready.find((offer) => offer.voucher && !scan.offers.some((before) => before.voucher === offer.voucher)); // just earned
  const back = () => doneScreen(till, action, answer, { again: true });
  const rest = crediting(till, action, answer, back);
  if (!again) signal("good", till.sound);
  const next = h("button", { type: "button", class: rest?.leads || voucher && !scan.redeemed ? "" : "main", onclick: () => till.home() }, till.say("next"));
  const more = ready.length > 0 && !scan.redeemed;
  const wished = more && ready.some(({ chosen }) => chosen); // and still to be handed out
  const undone = what !== "void" ? till.say("undo") : till.last && till.say("undo.before", { what: till.last.text });
  const off = what === "earn" ? taking(till, { ...scan, card: answer.card, earned: true }, whose(till, scan), back, action.body.purchase) : undefined; // or else it was lost
  const timer = what === "redeem" || what === "grant" || voucher || wished || off || action.chosen ? undefined : setTimeout(() => till.home(), stay);
  till.show("done", h("div", { class: answer.code ? "answer yes coded" : "answer yes", role: "alert" },
    h("div", { class: "sign" }, icon("good")),
    h("h1", {}, headline(till, action, answer)),
    scan?.first_name && h("p", { class: "who" }, scan.first_name),
    h("p", { class: "what" }, taken(till, answer) ?? left(till, action, answer) ?? text),
    bought(till, action, answer),
    what === "void" && h("p", {}, till.say("void.again")),
    action.chosen && h("p", {}, till.say("void.chosen")),
    partnerCode(till, action, answer, back),
    because(till, answer, () => clearTimeout(timer)),
    !voucher && h("div", { class: "standing" }, what === "grant" && answer.card.kind === "discount" ? fromNow(till, answer.card) : standing(till, answer.card, till.program(answer.card.program))),
    voucher && h("p", { class: "ready" }, icon("gift"), till.say("done.reward", { reward: voucher.name })),
    h("div", { class: "buttons" },
      more && h("button", { type: "button", class: voucher ? "main" : "", onclick: () => cardScreen(till, { ...scan, card: answer.card, offers: answer.offers }, { earned: true }) }, till.say("done.go_on")),
      off,
      rest && h("button", { type: "button", class: rest.leads ? "main" : "", onclick: rest.go }, rest.label),
      next,
      undone && h("button", { type: "button", onclick: () => undo(till) }, icon("undo"), undone)),
  ), { leave: () => clearTimeout(timer), focus: next });
}

/** What was taken off the card, where that is what was done. */
function taken({ words }, { card, entries }) {
  const entry = entries.find(({ kind, units }) => kind === "void" && units < 0);
  return entry && words.count(`back.${kindOf(card)}`, -entry.units);
}

/** `lift` goes on with the PIN that would lift it, where one does; `back` to the card, where something else can be done with it. */
export function refusedScreen(till, problem, lift, back) {
  signal("bad", till.sound);
  const next = h("button", { type: "button", class: back ? "" : "main", onclick: () => till.home() }, till.say("next"));
  const card = back && h("button", { type: "button", class: "main", onclick: back }, till.say("refused.back"));
  till.show("refused", h("div", { class: "answer no", role: "alert", "data-code": problem.code },
    h("div", { class: "sign" }, icon("bad")),
    h("h1", {}, heading(problem, till.words)),
    h("p", { class: "why" }, sentence(problem, till.words, till.here, till.now())),
    h("div", { class: "buttons" }, card, next, lift && h("button", { type: "button", onclick: lift }, till.say("refused.lift"))),
  ), { focus: card ?? next });
}
