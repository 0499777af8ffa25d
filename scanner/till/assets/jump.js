// On a phone a long list of rewards lies below the keypad: how many there are, and
// the way to them.
import { h, icon } from "./dom.js";

/** From so many on the list is a long one; its look is in rewards.css. */
const many = 5;

/** A button that leads to a long list; undefined where the list is short. */
export function jump(till, offers) {
  const n = offers.filter(({ available }) => available).length;
  if (n < many) return undefined;
  const go = () => {
    const list = document.querySelector("#screen .rewards");
    list.scrollIntoView();
    list.querySelector("li button").focus({ preventScroll: true });
  };
  return h("button", { type: "button", class: "jump", "aria-label": till.words.count("rewards.ready", n), onclick: go }, icon("gift"), till.words.number.format(n));
}
