// Something comes back: finding the purchase that it was, by the card or by the receipt.
import { kindOf } from "./card.js";
import { h, icon } from "./dom.js";
import { format } from "./money.js";
import { pinScreen } from "./pin.js";
import { refusedScreen } from "./answers.js";
import { besides, left, refundScreen, refundedWhole } from "./refund.js";
import { sentence } from "./refusal.js";
import { Refused, Unanswered } from "./server.js";

/** Longest number of a receipt, in bytes. */
const longest = 100;

/** How many purchases of a card the server tells of. */
const newest = 20;

/**
 * Does `ask`, which changes nothing. `wrong` hears in words of what may work later; any other refusal
 * has its screen, or is `refused`'s to tell. Undefined where there is no answer, or nobody waits for it any more.
 */
export async function asked(till, button, ask, wrong, refused = (problem) => refusedScreen(till, problem)) {
  const shown = document.querySelector("#screen").firstElementChild;
  if (button) button.disabled = true;
  try {
    const answer = await ask();
    till.connected(true);
    return shown.isConnected ? answer : undefined;
  } catch (error) {
    const known = await till.failed(error);
    if (!known && !error.problem) throw error;
    if (!shown.isConnected) return undefined;
    if (error instanceof Unanswered) wrong(till.say("return.offline"));
    else if (!known) refused(error.problem);
    return undefined;
  }
}

/** Of a card that was scanned: a way to what was bought with it. */
export const returning = (till, scan, back) => h("button", {
  type: "button", onclick: (event) => ofCard(till, scan, event.currentTarget, back),
}, icon("undo"), till.say("return.start"));

async function ofCard(till, scan, button, back) {
  const ask = () => till.server.ask("POST", "/v1/scans/purchases", { scan: scan.scan });
  const again = (pressed) => ofCard(till, scan, pressed, back);
  const found = await asked(till, button, ask, (wrong) => purchasesScreen(till, [], back, { wrong, again }));
  if (found) purchasesScreen(till, found.purchases, back);
}

/** Asks for the number of a receipt. `text` was typed or scanned; `wrong` is what was wrong with it, `told` what came of it. */
export function receiptScreen(till, { text = "", wrong, told } = {}) {
  const field = h("input", {
    id: "receipt", value: text, class: "plain", "data-words": true, autocomplete: "off", autocorrect: "off", spellcheck: "false", maxlength: longest,
    enterkeyhint: "search", "aria-describedby": wrong ? "wrong" : null, "aria-invalid": wrong ? "true" : null,
  });
  const submit = (event) => {
    event.preventDefault();
    const ref = field.value.trim();
    if (ref) ofReceipt(till, ref);
    else receiptScreen(till, { wrong: till.say("return.short") });
  };
  till.show("receipt", h("form", { class: "sheet typing", onsubmit: submit, novalidate: true },
    h("h1", {}, till.say("return.title")),
    h("p", {}, till.say("return.how")),
    !till.online && !wrong && h("p", { class: "notice", role: "status" }, icon("offline"), h("span", {}, till.say("return.offline"))),
    h("label", { for: "receipt" }, till.say("return.label")), field,
    wrong && h("p", { id: "wrong", class: "wrong", role: "alert" }, wrong),
    told && h("p", { class: "notice", role: "alert" }, told),
    h("button", { type: "submit", class: "main" }, till.say("return.button")),
    h("button", { type: "button", onclick: () => till.home() }, till.say("back")),
  ), { focus: field });
}

/** Looks for the receipt of a number, for whose PIN it is: nobody has shown a card. */
export function ofReceipt(till, ref, wrong) {
  pinScreen(till, {
    title: till.say("pin.cashier"), why: till.say("return.why", { ref }), wrong,
    cancel: () => receiptScreen(till, { text: ref }),
    use: (pin) => findReceipt(till, ref, pin),
  });
}

async function findReceipt(till, ref, pin) {
  const found = await asked(till, undefined, () => lookUp(till, ref, pin), (wrong) => receiptScreen(till, { text: ref, wrong }), (problem) => {
    if (problem.code === "pin_wrong" || problem.code === "pin_locked") ofReceipt(till, ref, sentence(problem, till.words, till.here, till.now()));
    else refusedScreen(till, problem);
  });
  if (!found) return;
  const { purchases } = found, back = () => receiptScreen(till, { text: ref });
  if (purchases.length === 0) receiptScreen(till, { text: ref, told: till.say("return.nothing") });
  else if (purchases.length === 1 && !refundedWhole(purchases[0])) refundScreen(till, purchases[0], back);
  else purchasesScreen(till, purchases, back);
}

async function lookUp(till, ref, pin) {
  try {
    return await till.server.ask("POST", "/v1/scans/purchases", { ref, pin });
  } catch (error) {
    if (error.problem?.code !== "rate_limited") throw error;
    throw new Refused({ ...error.problem, code: "too_many_lookups" }); // it may take an hour: nobody waits for that
  }
}

/** Purchases to choose from. `wrong` is why they are not known, `again` asks for them once more. */
function purchasesScreen(till, purchases, back, { wrong, again } = {}) {
  const here = () => purchasesScreen(till, purchases, back);
  till.show("purchases", h("div", { class: "sheet list" },
    h("h1", {}, till.say("return.which")),
    purchases.length === 0 && !wrong && h("p", { class: "notice", role: "status" }, till.say("return.none")),
    wrong && h("p", { class: "wrong", role: "alert" }, wrong),
    wrong && h("button", { type: "button", class: "main", onclick: (event) => again(event.currentTarget) }, till.say("unanswered.again")),
    h("ul", { class: "people" }, purchases.map((bought) => h("li", {}, h("button", {
      type: "button", disabled: refundedWhole(bought), onclick: () => refundScreen(till, bought, here, { others: besides(bought, purchases) }),
    }, h("b", {}, price(till, bought)), h("span", {}, about(till, bought)))))),
    purchases.length === newest && h("p", { class: "notice" }, till.say("return.newest", { n: newest })),
    h("div", { class: "buttons" },
      h("button", { type: "button", onclick: () => receiptScreen(till) }, till.say("return.receipt")),
      h("button", { type: "button", onclick: back }, till.say("back"))),
  ));
}

/** What was bought, as people would name it. */
export const price = (till, bought) => (bought.purchase
  ? format(bought.purchase.total, bought.purchase.currency, till.words.language)
  : brought(till, bought));

/** What it was good for: units, or a discount. */
export function brought(till, { kind, purchase, units, off = 0, program }) {
  if (kind !== "grant") return till.words.count(`earn.${kindOf(till.program(program) ?? {})}`, units);
  return purchase ? till.say("return.off", { amount: format(off, purchase.currency, till.words.language) }) : till.say("done.grant");
}

/** When it was, what it was good for, and what of it came back already. */
export const about = (till, bought) => [till.words.moment(new Date(bought.posted_at), till.now(), till.here.zone), ...since(till, bought)].map(whole).join(" · ");

/** The same where its day is told already. */
export const became = (till, bought) => since(till, bought).map(whole).join(" · ");

const since = (till, bought) => [
  bought.partner && till.say("return.partner", { partner: bought.partner }),
  brought(till, bought),
  refundedWhole(bought) && till.say("return.all"),
  bought.purchase && left(bought) > 0 && bought.refunded > 0 && till.say("return.part", { amount: format(bought.refunded, bought.purchase.currency, till.words.language) }),
].filter(Boolean);

/** A text within which no line ends. */
const whole = (text) => text.replaceAll(" ", "\u00a0");
