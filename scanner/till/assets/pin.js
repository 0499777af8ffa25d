// Asking for a PIN. It is shown as dots, and held no longer than it takes.
import { h, icon } from "./dom.js";
import { followKeys } from "./typed.js";

const shortest = 4, longest = 12; // digits

/** Asks for a PIN and hands it to `use`; `cancel` leads back. `wrong` is what was wrong with the one before. */
export function pinScreen(till, { title, why, wrong, use, cancel }) {
  let pin = "", sent = false;
  const told = h("p", { class: "wrong", role: "alert" }, wrong ?? "");
  const dots = h("p", { class: "dots", role: "status" });
  const ok = h("button", { type: "button", class: "main", onclick: () => submit() }, till.say("pin.ok"));
  const draw = () => {
    dots.replaceChildren(...Array.from({ length: Math.max(shortest, pin.length) }, (_, i) => h("i", { class: i < pin.length ? "there" : "" })), h("span", { class: "unseen" }, till.say("pin.typed", { n: pin.length })));
    ok.disabled = pin.length < shortest;
  };
  const press = (digit) => { if (!sent && pin.length < longest) { pin += digit; draw(); } };
  const erase = () => { if (!sent) { pin = pin.slice(0, -1); draw(); } };
  const submit = () => {
    if (sent || pin.length < shortest) return;
    sent = ok.disabled = true; // one try at a time: wrong ones are counted
    ok.textContent = till.say("sending");
    told.textContent = "";
    use(pin);
  };
  const restore = (was) => { if (!sent) { pin = was; draw(); } };
  till.show("pin", h("div", { class: "sheet pin" },
    h("h1", {}, title), why && h("p", {}, why), dots,
    told,
    h("div", { class: "keys" },
      [1, 2, 3, 4, 5, 6, 7, 8, 9].map((n) => h("button", { type: "button", onclick: () => press(n) }, String(n))),
      h("button", { type: "button", class: "quiet", onclick: cancel }, till.say("back")),
      h("button", { type: "button", onclick: () => press(0) }, "0"),
      h("button", { type: "button", class: "quiet", "aria-label": till.say("pin.erase"), onclick: erase }, icon("erase"))),
    ok,
  ));
  followKeys(ok, { digit: press, erase, enter: submit, escape: cancel, state: () => pin, restore });
  draw();
}
