// Yes, without the network: it is safe on this device, and is sent later.
import { h, icon } from "../dom.js";
import { signal } from "../signal.js";
import { undoButton } from "./undoing.js";
import { what } from "./waiting.js";

/** How long a "yes" that asks for nothing stays, in ms. */
const stay = 5000;

/** `key` is what the action can be taken back by. */
export function keptScreen(till, presented, about, key) {
  till.kept = { tail: presented.tail, at: till.now() };
  till.unsent = { key, text: what(till, about), tail: presented.tail, at: till.now() };
  signal("good", till.sound);
  const redeemed = about.do === "redeem";
  const next = h("button", { type: "button", class: "main", onclick: () => till.home() }, till.say("next"));
  const timer = redeemed ? undefined : setTimeout(() => till.home(), stay);
  till.show("done", h("div", { class: "answer yes", role: "alert" },
    h("div", { class: "sign" }, icon("good")),
    h("h1", {}, till.say(redeemed ? "done.redeem" : "kept.title")),
    h("p", { class: "what" }, till.unsent.text),
    h("p", { class: "why" }, till.say(redeemed ? "kept.redeem" : presented.genuine ? "kept.genuine" : "kept.provisional")),
    h("div", { class: "buttons" }, next, undoButton(till)),
  ), { leave: () => clearTimeout(timer), focus: next });
}
