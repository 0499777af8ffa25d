// A screen of its own that asks for an amount of money.
import { h } from "./dom.js";
import { keypad } from "./keypad.js";

/** `big` and the `lines` below the `heading` say what is known; `back` leads back, and the rest is what keypad() takes. */
export function amountScreen(till, name, currency, { heading, big, lines = [], back, ...asked }) {
  till.show(name, h("div", { class: "card spending" },
    h("section", { class: "hero" }, h("h1", {}, heading), big && h("p", { class: "percent money" }, big), lines.map((line) => line && h("p", { class: "rule" }, line))),
    h("div", { class: "actions" },
      keypad(till, currency, { ...asked, cancel: back }),
      h("button", { type: "button", class: "quiet", onclick: back }, till.say("back")))));
}
