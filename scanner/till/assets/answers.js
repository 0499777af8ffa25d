// Yes and no, so that nobody can take one for the other: by colour, sign, word,
// sound and shake.
import { cardScreen, kindOf, standing } from "./card.js";
import { h, icon } from "./dom.js";
import { heading, sentence } from "./refusal.js";
import { partnerCode } from "./partner.js";
import { signal } from "./signal.js";
import { undo } from "./acting.js";
import { because } from "./why.js";
import { crediting } from "./worth.js";

/** How long a "yes" that asks for nothing stays, in ms. */
const stay = 5000;

export function doneScreen(till, action, answer) {
  const { what, text, scan } = action;
  const ready = what === "earn" ? answer.offers.filter((offer) => offer.available) : [];
  const voucher = ready.find((offer) => offer.voucher && !scan.offers.some((before) => before.voucher === offer.voucher)); // just earned
  signal("good", till.sound);
  const next = h("button", { type: "button", class: voucher ? "" : "main", onclick: () => till.home() }, till.say("next"));
  const wished = ready.some(({ chosen }) => chosen); // and still to be handed out
  const timer = what === "redeem" || what === "grant" || voucher || wished ? undefined : setTimeout(() => till.home(), stay);
  till.show("done", h("div", { class: "answer yes", role: "alert" },
    h("div", { class: "sign" }, icon("good")),
    h("h1", {}, till.say(answer.off ? "done.off" : `done.${what}`)),
    scan?.first_name && h("p", { class: "who" }, scan.first_name),
    h("p", { class: "what" }, taken(till, answer) ?? text),
    partnerCode(till, answer),
    because(till, answer, () => clearTimeout(timer)),
    !voucher && h("div", { class: "standing" }, standing(till, answer.card, till.program(answer.card.program))),
    voucher && h("p", { class: "ready" }, icon("gift"), till.say("done.reward", { reward: voucher.name })),
    h("div", { class: "buttons" },
      ready.length > 0 && h("button", { type: "button", class: voucher ? "main" : "", onclick: () => cardScreen(till, { ...scan, card: answer.card, offers: answer.offers }, { earned: true }) }, till.say("done.go_on")),
      crediting(till, action, answer),
      next,
      what !== "void" && h("button", { type: "button", onclick: () => undo(till) }, icon("undo"), till.say("undo"))),
  ), { leave: () => clearTimeout(timer), focus: next });
}

/** What was taken off the card, where that is what was done. */
function taken({ words }, { card, entries }) {
  const entry = entries.find(({ kind, units }) => kind === "void" && units < 0);
  return entry && words.count(`back.${kindOf(card)}`, -entry.units);
}

/** `lift` goes on with the PIN that would lift it, where one does. */
export function refusedScreen(till, problem, lift) {
  signal("bad", till.sound);
  const next = h("button", { type: "button", class: "main", onclick: () => till.home() }, till.say("next"));
  till.show("refused", h("div", { class: "answer no", role: "alert", "data-code": problem.code },
    h("div", { class: "sign" }, icon("bad")),
    h("h1", {}, heading(problem, till.words)),
    h("p", { class: "why" }, sentence(problem, till.words, till.here, till.now())),
    h("div", { class: "buttons" }, next, lift && h("button", { type: "button", onclick: lift }, till.say("refused.lift"))),
  ), { focus: next });
}
