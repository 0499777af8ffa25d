// Typing an amount: a keypad as on a till, and the button that uses it.
import { h, icon } from "./dom.js";
import { digits, format, press } from "./money.js";
import { followKeys } from "./typed.js";

/**
 * A section that asks for an amount of a currency. `note` is an element about all amounts. `hint`, if there is one, and `label`
 * say something about it, the amount in minor units and as people write it; `use` takes
 * both. `all` is what the button uses while nothing is typed, if anything; `typed` is
 * there before, and the first digit begins anew. Less than `least` is not used; more
 * than `most` cannot be typed, and `full` says why. On a keyboard it is typed as well;
 * Escape does `cancel`.
 */
export function keypad(till, currency, { title, note, hint, full, label, use, cancel, all = 0, typed = 0, least = 1, most = Infinity }) {
  const { words } = till;
  let total = Math.min(typed, most), over = false, given = typed > 0;
  const amount = h("output", { class: "amount", "aria-live": "polite" });
  const small = hint && h("p", { class: full ? "small roomy" : "small", role: "status" });
  const button = h("button", { type: "button", class: "main", onclick: () => use(total || all, amount.textContent) });
  const draw = () => {
    amount.textContent = format(total, currency, words.language);
    if (small) small.textContent = over ? full : total || all ? hint(total || all) : "";
    small?.classList.toggle("wrong", over);
    const nothing = all ? till.say("amount.all", { amount: format(all, currency, words.language) }) : till.say("earn.title");
    button.textContent = total ? label(amount.textContent) : nothing;
    button.disabled = total ? total < least : !all;
  };
  const type = (key) => {
    const next = press(given && key !== "erase" ? 0 : total, key);
    given = false;
    over = next > most;
    total = over ? most : next;
    draw();
  };
  const wide = digits(currency) === 2;
  draw();
  const pad = h("section", { class: "spend", "aria-labelledby": "spend" },
    h("h2", { id: "spend" }, title), note, amount, small,
    h("div", { class: "keys" },
      [1, 2, 3, 4, 5, 6, 7, 8, 9].map((n) => h("button", { type: "button", onclick: () => type(n) }, String(n))),
      h("button", { type: "button", onclick: () => type(wide ? "00" : "000") }, wide ? "00" : "000"),
      h("button", { type: "button", onclick: () => type(0) }, "0"),
      h("button", { type: "button", class: "quiet", "aria-label": till.say("key.erase"), onclick: () => type("erase") }, icon("erase"))),
    button);
  followKeys(pad, {
    digit: type, erase: () => type("erase"), enter: () => button.click(), escape: cancel,
    state: () => ({ total, over, given }), restore: (was) => { ({ total, over, given } = was); draw(); },
  });
  return pad;
}

/** What was bought, as far as a till without a cash register knows it. */
export const purchase = (total, currency) => ({ ref: `till-${crypto.randomUUID()}`, total, currency });

/** Whether a receipt's number stands on paper. One that purchase() made up is nothing to people. */
export const printed = (ref) => !/^till-[0-9a-f-]{36}$/.test(ref);
