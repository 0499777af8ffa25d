// A card that was scanned: how it stands, the usual thing to do, and what is ready.
import { act } from "./acting.js";
import { h, icon } from "./dom.js";
import { discountStanding, granting, taking, tierLine } from "./discount.js";
import { asking, provenance } from "./handing.js";
import { jump } from "./jump.js";
import { keypad, purchase } from "./keypad.js";
import { linesOnly, typed, without } from "./lines.js";
import { dated } from "./lots.js";
import { estimate, format } from "./money.js";
import { picture } from "./progress.js";
import { holding } from "./holding.js";
import { sentence } from "./refusal.js";
import { returning } from "./returns.js";
import { tail } from "./scan.js";
import { codesOf } from "./partner.js";
import { wishScreen } from "./wish.js";
import { asks, worth } from "./worth.js";

/** How many at once the stepper offers. */
const most = 99;

/** `scan` is what /v1/scans answered, or its handle with the card and offers of a later posting; `earned` says that this scan has earned, `aside` that what the customer chose has been seen, `said` why the card is shown once more. */
export function cardScreen(till, scan, { earned = false, aside = false, said } = {}) {
  const again = (aside) => () => cardScreen(till, scan, { earned, aside });
  if (!aside && wishScreen(till, { ...scan, earned }, again(false), again(true))) return;
  const { card } = scan;
  const program = till.program(card.program);
  const spending = !earned && (card.discount && card.kind === "discount" || typed(program));
  till.show("card", h("div", { class: spending ? "card spending" : "card" },
    h("section", { class: "hero", "aria-labelledby": "whose" },
      h("h1", { id: "whose" }, whose(till, scan)),
      h("p", { class: "program" }, [scan.first_name && till.say("card", { tail: tail(card) }), card.program_name].filter(Boolean).join(" · ")),
      standing(till, card, program),
      jump(till, scan.offers),
      taking(till, { ...scan, earned }, whose(till, scan), again(true))),
    h("div", { class: "actions" },
      said && h("p", { class: "notice", role: "alert" }, said),
      !earned && (program ? doing(till, scan, program) : unknown(till, scan)),
      rewards(till, { ...scan, earned }),
      codesOf(till, card, again(true)),
      h("div", { class: "ends" },
        returning(till, scan, again(true)),
        h("button", { type: "button", class: "quiet", onclick: () => till.home() }, till.say("close")))),
  ));
}

/** Who a card is held by, as far as the till is told. */
export const whose = (till, { first_name: name, card }) => name ?? till.say("card", { tail: tail(card) });

/** The card's progress, as a picture and in words. */
export function standing(till, card, program) {
  const { words } = till;
  if (card.kind === "discount") return [discountStanding(till, card), tierLine(till, card)];
  const size = program?.card_size ?? card.progress?.card_size;
  const count = card.kind === "stamps" && size ? words.count("stamps.of", size, { have: words.number.format(card.balance) }) : words.count("points", card.balance);
  return [
    picture(card, program, words),
    h("p", { class: "count" }, count),
    card.progress && h("p", { class: "missing" }, words.count("missing", card.progress.missing, { reward: card.progress.name })),
    dated(till, card),
    tierLine(till, card),
  ];
}

/** The usual thing to do with a card of the program. */
function doing(till, scan, program) {
  const { card } = scan;
  if (card.kind === "discount") return card.discount ? granting(till, scan, { cancel: () => till.home() }) : why(till, scan.earn);
  return offered(till, scan, program);
}

/** Of a program that the till does not have: that it has ended, or that it is not known here yet. */
const unknown = (till, { earn: terms }) => why(till, terms) ?? h("p", { class: "small why" }, till.say("card.unknown"));

/** What earns, and what the scan said of it: why not, or why it takes a PIN. */
function offered(till, scan, program) {
  const { earn: terms } = scan;
  const pressed = earning(till, program, (body, about) => earn(till, scan, body, about), { multiplier: scan.card.tier?.multiplier, cancel: () => till.home() });
  if (!terms?.reason) return pressed;
  return terms.allowed ? [why(till, terms), pressed] : why(till, terms);
}

/** Why the card cannot do the usual thing, or why it takes a PIN; nothing where no terms came with it. */
const why = (till, terms) => terms?.reason && h("p", { class: "small why" }, sentence({ ...terms, code: terms.reason }, till.words, till.here, till.now()));

/**
 * What is pressed to earn. `use` is called with the body of the earning and what it is
 * about: {kind, units} or {total, currency}. `alone` says that nobody can approve more
 * than the program lets a cashier do; `multiplier` is that of the card's tier, where it is known, and `cancel` what Escape does where an amount is typed.
 */
export function earning(till, program, use, { alone = false, multiplier, cancel } = {}) {
  switch (program.earn.by) {
    case "units": return units(till, program, use, alone);
    case "spend": return typed(program) ? spend(till, program, use, multiplier, cancel) : linesOnly(till);
    default: return visit(till, program, use);
  }
}

/** Earns, with the PIN that the scan said it takes, or that this much of it takes. */
export function earn(till, scan, body, { kind, units, total, currency }) {
  const text = kind ? till.words.count(`earn.${kind}`, units) : format(total, currency, till.words.language);
  const needs = body.units > till.program(scan.card.program).earn.per_scan ? "manager" : scan.earn?.needs_pin;
  return act(till, { what: "earn", path: "/v1/scans/earn", body: { scan: scan.scan, ...body }, text, scan }, needs);
}

export const kindOf = (program) => (program.kind === "stamps" ? "stamps" : "points");

function visit(till, program, use) {
  const about = { kind: kindOf(program), units: program.earn.per_visit ?? 1 };
  return h("button", { type: "button", class: "main huge", onclick: () => use({}, about) }, till.words.count(`earn.${about.kind}`, about.units));
}

function units(till, program, use, alone) {
  let n = 1;
  const kind = kindOf(program), limit = program.earn.per_scan;
  const top = alone && limit ? Math.min(most, limit) : most;
  const button = h("button", { type: "button", class: "main huge", onclick: () => use({ units: n }, { kind, units: n }) });
  const hint = h("p", { class: "small", role: "status" });
  const fewer = h("button", { type: "button", class: "step", "aria-label": till.say("fewer"), onclick: () => set(n - 1) }, "−");
  const more = h("button", { type: "button", class: "step", "aria-label": till.say("more"), onclick: () => set(n + 1) }, "+");
  const set = (to) => {
    n = Math.min(top, Math.max(1, to));
    fewer.disabled = n === 1;
    more.disabled = n === top;
    button.textContent = till.words.count(`earn.${kind}`, n);
    hint.textContent = limit && n > limit ? till.say("earn.pin", { n: limit }) : top < most && n === top ? till.say("earn.most", { n: top }) : "";
  };
  set(1);
  return h("div", { class: "units" }, without(till, program.earn), h("div", { class: "stepper", role: "group", "aria-label": till.say("earn.how_many") }, fewer, button, more), hint);
}

function spend(till, program, use, multiplier, cancel) {
  const { earn: rule } = program;
  return keypad(till, rule.currency, {
    title: till.say("earn.spend"), note: without(till, rule), cancel,
    hint: rule.units && ((total) => { // without units only what was bought tells
      const points = estimate(rule, total, multiplier);
      return points ? till.words.count("earn.estimate", points) : till.say("earn.nothing");
    }),
    label: (amount) => till.say("earn.amount", { amount }),
    use: (total) => use({ purchase: purchase(total, rule.currency) }, { total, currency: rule.currency }),
  });
}

function rewards(till, scan) {
  const ready = scan.offers.filter((offer) => offer.available);
  const short = scan.offers.filter(isShort);
  if (ready.length + short.length === 0) return scan.card.kind === "discount" ? undefined : h("p", { class: "small" }, till.say("rewards.none"));
  return h("section", { class: "rewards", "aria-labelledby": "rewards" },
    h("h2", { id: "rewards" }, till.say(ready.length > 0 ? "rewards" : "rewards.none")),
    h("ul", {},
      ready.map((offer) => reward(till, scan, offer)),
      short.map((offer) => h("li", { class: "short" }, h("b", {}, offer.name), h("span", {}, sentence({ code: offer.reason }, till.words, till.here, till.now()))))));
}

function reward(till, scan, offer) {
  const use = h("button", { type: "button", onclick: () => handOut(till, scan, offer) }, icon("gift"), h("b", {}, offer.name), h("span", {}, price(till, scan, offer)));
  return h("li", {}, use, holding(till, scan, offer, use));
}

/** Whether the customer could have an offer, but for the shop or for having had it: it is shown, so that the cashier can say why not. */
const isShort = ({ available, reason }) => !available && reason && reason !== "insufficient_balance";

/** What handing an offer out takes, in words. */
export const price = (till, scan, offer) => [
  worth(till, offer),
  offer.voucher ? provenance(till, scan, offer) : till.words.count(offer.flexible ? "reward.from" : "reward.cost", offer.cost ?? 0),
  offer.needs_pin && till.say("reward.pin"),
].filter(Boolean).join(" · ");

/** Asks first for what the reward needs to know, where it takes something off a bill. */
function handOut(till, scan, offer) {
  const back = () => cardScreen(till, scan, { earned: scan.earned, aside: true });
  return asks(till, scan, offer, back) || confirm(till, scan, offer, back);
}

/** A reward costs the shop something, and so takes a second press. */
function confirm(till, scan, offer, back) {
  const { title, note, yes } = asking(till, offer);
  const body = { scan: scan.scan, ...(offer.voucher ? { voucher: offer.voucher } : { reward: offer.reward }) };
  till.show("redeem", h("div", { class: "sheet" },
    h("h1", {}, title),
    h("p", { class: "gift" }, icon("gift"), h("b", {}, offer.name)),
    h("p", {}, `${whose(till, scan)} · ${price(till, scan, offer)}`),
    note && h("p", { class: "notice" }, note),
    h("button", { type: "button", class: "main", onclick: () => act(till, { what: "redeem", path: "/v1/scans/redeem", body, text: offer.name, scan, offer }, offer.needs_pin) }, yes),
    h("button", { type: "button", onclick: back }, till.say("back")),
  ));
}
