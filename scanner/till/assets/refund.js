// Refunding a purchase: how much of it, what that takes off the card, and that it was done.
import { act } from "./acting.js";
import { kindOf, standing } from "./card.js";
import { h, icon } from "./dom.js";
import { keypad, printed } from "./keypad.js";
import { format } from "./money.js";
import { about, asked, became, brought, price } from "./returns.js";
import { tail } from "./scan.js";
import { signal } from "./signal.js";

/** Minor units of a purchase that can still be refunded; undefined where it was erased, and can only be refunded as a whole. */
export const left = (bought) => bought.purchase && paid(bought) - bought.refunded;

/** Minor units that the customer has paid. */
const paid = ({ purchase, off = 0 }) => purchase.total - (purchase.paid_with_reward ?? 0) - off;

export const refundedWhole = (bought) => bought.refunded > 0 && left(bought) === 0;

/**
 * What else can still be refunded of the receipt of a purchase, of what was found with it: what
 * another card or program had of it, or earned beside a discount. One card is credited once for a
 * receipt of a shop, so another earning of the same number is another shop's.
 */
export const besides = (bought, found) => found.filter((other) => bought.purchase && other.purchase?.ref === bought.purchase.ref
  && (other.card !== bought.card || other.kind !== bought.kind) && !refundedWhole(other));

const kindIn = (till, program) => kindOf(till.program(program) ?? {});
const money = (till, bought, amount) => format(amount, bought.purchase.currency, till.words.language);

const named = ({ purchase }) => purchase && printed(purchase.ref);

/** What a purchase is called: by its receipt's number, or where that is nothing to people, by its day and time. */
const called = (till, bought) => (named(bought)
  ? till.say("refund.receipt", { ref: bought.purchase.ref })
  : till.say("refund.purchase", { when: till.words.dated(new Date(bought.posted_at), till.here.zone) }));

const receipt = (till, bought) => bought.purchase && [called(till, bought), !named(bought) && price(till, bought)].filter(Boolean).join(" · ");

const beneath = (till, bought) => (bought.purchase && !named(bought) ? became : about)(till, bought);

/**
 * Asks how much of a purchase comes back: an amount, or where they are known its lines. `others`
 * are offered next; `along` says that it is one of those, and `typed` is the amount that came back before, or 0 for all.
 */
export function refundScreen(till, bought, back, { by = "amount", wrong, others = [], along = false, typed = 0 } = {}) {
  const { purchase } = bought;
  const again = (more) => refundScreen(till, bought, back, { by, others, along, typed, ...more });
  const use = (part, button) => foretell(till, { ...bought, others, along }, part, button, again);
  const ways = purchase?.items?.length > 0 && left(bought) > 0;
  till.show("refund", h("div", { class: "card spending refunding" },
    h("section", { class: "hero", "aria-labelledby": "bought" },
      h("h1", { id: "bought" }, purchase ? called(till, bought) : till.say("refund.what.whole")),
      h("p", { class: "amount" }, price(till, bought)),
      h("p", { class: "missing" }, beneath(till, bought))),
    h("div", { class: "actions" },
      wrong && h("p", { class: "wrong", role: "alert" }, wrong),
      ways && h("div", { class: "choices", role: "group", "aria-label": till.say("refund.title") }, ["amount", "lines"].map((way) => h("button", {
        type: "button", "aria-pressed": String(way === by), onclick: () => again({ by: way }),
      }, till.say(`refund.${way}`)))),
      left(bought) > 0 ? (by === "lines" ? lines : amount)(till, bought, use, { typed, cancel: back }) : whole(till, use),
      h("button", { type: "button", class: "quiet", onclick: back }, till.say("back"))),
  ));
}

function whole(till, use) {
  const button = h("button", { type: "button", class: "main", onclick: () => use({}, button) }, till.say("refund.whole"));
  return button;
}

function amount(till, bought, use, { typed, cancel }) {
  const most = left(bought);
  const pad = keypad(till, bought.purchase.currency, {
    title: till.say("refund.title"), all: most, typed: Math.min(typed, most), cancel,
    hint: (total) => (total > most ? till.say("refund.most", { amount: money(till, bought, most) }) : ""),
    label: (typed) => till.say("refund.button", { amount: typed }),
    use: (total) => {
      if (total <= most) use(total === most ? {} : { amount: total }, pad.querySelector(".main"));
    },
  });
  return pad;
}

/** The lines of the receipt, to be chosen by touch; those that came back already stay where they are. */
function lines(till, bought, use) {
  const { purchase: { items }, returned = [] } = bought;
  const chosen = new Set();
  const part = () => ({ lines: [...chosen].sort((a, b) => a - b) });
  const button = h("button", { type: "button", class: "main", onclick: () => use(part(), button) });
  const draw = () => {
    button.disabled = chosen.size === 0;
    button.textContent = chosen.size === 0 ? till.say("refund.choose") : till.say("refund.button", { amount: money(till, bought, worth(bought, part())) });
  };
  const row = (item, i) => {
    const line = i + 1, gone = returned.includes(line);
    const press = (event) => {
      if (!chosen.delete(line)) chosen.add(line);
      event.currentTarget.setAttribute("aria-pressed", String(chosen.has(line)));
      draw();
    };
    return h("li", {}, h("button", { type: "button", disabled: gone, "aria-pressed": "false", onclick: press },
      h("b", {}, itemName(till, item, line)), h("span", {}, gone ? till.say("refund.gone") : money(till, bought, item.amount))));
  };
  draw();
  return [h("ul", { class: "people lines" }, items.map(row)), button];
}

/** A line as people read it on the receipt: how much of what. */
function itemName(till, { category, sku, quantity, unit }, line) {
  const much = till.words.number.format(quantity / 1000);
  const what = sku ?? category ?? till.say("refund.line", { n: line });
  return unit === "piece" ? `${much} × ${what}` : `${what}, ${much} ${{ litre: "l", kilogram: "kg" }[unit] ?? unit}`;
}

/** What the customer gets back for a part, in minor units: with the last line all that is left. A discount came off all lines alike. */
export function worth(bought, { amount: typed, lines: chosen }) {
  if (typed) return typed;
  const { purchase: { items = [] }, returned = [] } = bought;
  if (!chosen || chosen.length + returned.length === items.length) return left(bought);
  const sum = chosen.reduce((total, line) => total + items[line - 1].amount, 0);
  return Math.min(without(bought, Math.max(0, sum)), left(bought));
}

/** What was paid for lines at their price, half a minor unit rounded up. */
function without(bought, price) {
  const { off = 0 } = bought;
  if (off === 0) return price;
  const [share, of] = [BigInt(paid(bought)), BigInt(paid(bought) + off)];
  return Number((2n * BigInt(price) * share / of + 1n) / 2n);
}

/** Has the server tell what a refund would take back, then asks whether to go on. Where the card has too little, as far as it goes. */
async function foretell(till, bought, part, button, again) {
  const ask = (asks) => till.server.ask("POST", `/v1/entries/${bought.entry}/refund-preview`, asks);
  const told = await asked(till, button, async () => {
    try {
      return { ...await ask(part), part };
    } catch (error) {
      if (error.problem?.code !== "insufficient_balance") throw error;
      const most = { ...part, as_far_as_possible: true };
      return { ...await ask(most), part: most };
    }
  }, (wrong) => again({ wrong }));
  if (told) sureScreen(till, bought, told, again);
}

function sureScreen(till, bought, { units, balance, withdrawn, part }, back) {
  const { words } = till;
  const kind = kindIn(till, bought.program);
  const much = bought.purchase && money(till, bought, worth(bought, part));
  const text = much ? till.say("refund.what", { amount: much }) : till.say("refund.what.whole");
  const { others, along } = bought;
  const typed = others.length > 0 && worth(bought, part) < left(bought) ? worth(bought, part) : 0;
  const action = { what: "refund", path: `/v1/entries/${bought.entry}/refund`, body: part, text, much: along ? "" : much, receipt: receipt(till, bought), others, typed };
  till.show("sure", h("div", { class: "sheet" },
    h("h1", {}, much ? till.say("refund.sure", { amount: much }) : till.say("refund.sure.whole")),
    bought.kind !== "grant" && takes(till, kind, units),
    bought.kind !== "grant" && h("p", {}, till.say(balance < 0 ? "refund.owes" : "refund.then", { what: words.count(kind, balance).replace("-", "−") })),
    till.program(bought.program)?.kind === "discount" && h("p", {}, till.say("refund.counts")),
    along && h("p", { class: "notice" }, till.say("refund.once")),
    part.as_far_as_possible && h("p", { class: "notice" }, till.say(units > 0 ? "refund.short" : "refund.empty")),
    bought.kind !== "grant" && units === 0 && h("p", { class: "notice" }, till.say("refund.note")),
    withdrawn > 0 && h("p", { class: "notice" }, words.count("refund.withdrawn", withdrawn)),
    h("p", { class: "small" }, [till.say("card", { tail: tail({ id: bought.card }) }), receipt(till, bought), beneath(till, bought)].filter(Boolean).join(" · ")),
    h("button", { type: "button", class: "main", onclick: () => act(till, action, bought.partner ? "manager" : "cashier") }, till.say("refund.yes")),
    h("button", { type: "button", onclick: () => back() }, till.say("back")),
  ));
}

/** What comes off the card, if anything does. */
const takes = (till, kind, units) => (units > 0
  ? h("p", { class: "gift takes" }, icon("undo"), h("b", {}, till.words.count(`back.${kind}`, units)))
  : h("p", { class: "gift" }, h("b", {}, till.say("refund.nothing"))));

/** It was done: what to give back, and what that took off the card. It stays until somebody has read it. `again` shows it once more, without its sound. */
export function refundedScreen(till, action, answer, { again = false } = {}) {
  const { much, receipt, others: [other, ...others] = [], typed } = action, { card, entries } = answer;
  const { units } = entries.find(({ kind }) => kind === "refund");
  const back = () => refundedScreen(till, action, answer, { again: true });
  if (!again) signal("good", till.sound);
  const also = other && h("button", { type: "button", class: "main", onclick: () => refundScreen(till, other, back, { others, along: true, typed }) }, till.say("refund.also.go"));
  const next = h("button", { type: "button", class: other ? "" : "main", onclick: () => till.home() }, till.say("next"));
  till.show("done", h("div", { class: "answer yes", role: "alert" },
    h("div", { class: "sign" }, icon("good")),
    h("h1", {}, till.say("done.refund")),
    much && h("p", { class: "what" }, till.say("refund.give", { amount: much })),
    units < 0 && h("p", { class: "who" }, till.words.count(`back.${kindOf(card)}`, -units)),
    receipt && h("p", {}, receipt),
    !other && h("div", { class: "standing" }, standing(till, card, till.program(card.program))),
    other && h("p", { class: "ready" }, till.say("refund.also", { what: onReceipt(till, other, card) })),
    h("div", { class: "buttons" }, also, next),
  ), { focus: also ?? next });
}

/** What else is on a receipt, and on which card where it is another one. */
const onReceipt = (till, other, card) => [brought(till, other), other.card !== card.id && till.say("card", { tail: tail({ id: other.card }) })].filter(Boolean).join(" · ");
