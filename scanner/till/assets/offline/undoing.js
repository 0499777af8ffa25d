// Taking back what was kept here and has not been sent: nobody else knows of it yet.
import { refusedScreen } from "../answers.js";
import { h, icon } from "../dom.js";
import { signal } from "../signal.js";
import { Declined } from "./declined.js";

/** How long it is said, in ms. */
const stay = 5000;

/** The button that takes the last action back, while that can be done. */
export const undoButton = (till) => till.unsent && till.offline.retractable(till.unsent.key) &&
  h("button", { type: "button", onclick: () => takeBack(till) }, icon("undo"), till.say("undo"));

async function takeBack(till) {
  const { unsent } = till;
  if (!unsent) return;
  till.unsent = till.kept = undefined; // its code may be shown again at once
  try {
    await till.offline.takeBack(unsent.key);
    backScreen(till, unsent);
  } catch (error) {
    if (!(error instanceof Declined)) throw error;
    refusedScreen(till, error.problem);
  }
}

function backScreen(till, { text, tail }) {
  signal("good", till.sound);
  const next = h("button", { type: "button", class: "main", onclick: () => till.home() }, till.say("next"));
  const timer = setTimeout(() => till.home(), stay);
  till.show("done", h("div", { class: "answer yes", role: "alert" },
    h("div", { class: "sign" }, icon("undo")),
    h("h1", {}, till.say("done.void")),
    h("p", { class: "what" }, h("s", {}, text)),
    tail && h("p", { class: "who" }, till.say("card", { tail })),
    h("p", { class: "why" }, till.say("kept.void")),
    h("div", { class: "buttons" }, next),
  ), { leave: () => clearTimeout(timer), focus: next });
}
