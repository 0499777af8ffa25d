// A card that was scanned: how it stands, the usual thing to do, and what is ready.
import { act } from "./acting.js";
import { h, icon } from "./dom.js";
import { discountStanding, grantScreen, granting, percent, tierLine } from "./discount.js";
import { keypad, purchase } from "./keypad.js";
import { estimate } from "./money.js";
import { picture } from "./progress.js";
import { tail } from "./scan.js";

/** How many at once the stepper offers. */
const most = 99;

/** `scan` is what /v1/scans answered, or its handle with the card and offers of a later posting; `earned` says that this scan has earned. */
export function cardScreen(till, scan, { earned = false } = {}) {
  const { card } = scan;
  const program = till.program(card.program);
  till.show("card", h("div", { class: "card" },
    h("section", { class: "hero", "aria-labelledby": "whose" },
      h("h1", { id: "whose" }, till.say("card", { tail: tail(card) })), h("p", { class: "program" }, card.program_name),
      standing(till, card, program)),
    h("div", { class: "actions" },
      !earned && program && doing(till, scan, program),
      rewards(till, scan),
      h("button", { type: "button", class: "quiet", onclick: () => till.home() }, till.say("close"))),
  ));
}

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
    tierLine(till, card),
  ];
}

/** The usual thing to do with a card of the program. */
function doing(till, scan, program) {
  const { card } = scan;
  if (card.kind === "discount") return granting(till, scan);
  const share = card.discount?.rate && percent(card.discount.rate, till.words.language);
  return [
    earning(till, scan, program),
    share && h("button", { type: "button", onclick: () => grantScreen(till, scan, () => cardScreen(till, scan)) }, till.say("grant.open", { percent: share })),
  ];
}

function earning(till, scan, program) {
  switch (program.earn.by) {
    case "units": return units(till, scan, program);
    case "spend": return spend(till, scan, program);
    default: return visit(till, scan, program);
  }
}

const earn = (till, scan, body, text) => act(till, { what: "earn", path: "/v1/scans/earn", body: { scan: scan.scan, ...body }, text, scan });

export const kindOf = (program) => (program.kind === "stamps" ? "stamps" : "points");

function visit(till, scan, program) {
  const text = till.words.count(`earn.${kindOf(program)}`, program.earn.per_visit ?? 1);
  return h("button", { type: "button", class: "main huge", onclick: () => earn(till, scan, {}, text) }, text);
}

function units(till, scan, program) {
  let n = 1;
  const limit = program.earn.per_scan;
  const button = h("button", { type: "button", class: "main huge", onclick: () => earn(till, scan, { units: n }, text()) });
  const hint = h("p", { class: "small", role: "status" });
  const text = () => till.words.count(`earn.${kindOf(program)}`, n);
  const fewer = h("button", { type: "button", class: "step", "aria-label": till.say("fewer"), onclick: () => set(n - 1) }, "−");
  const more = h("button", { type: "button", class: "step", "aria-label": till.say("more"), onclick: () => set(n + 1) }, "+");
  const set = (to) => {
    n = Math.min(most, Math.max(1, to));
    fewer.disabled = n === 1;
    more.disabled = n === most;
    button.textContent = text();
    hint.textContent = limit && n > limit ? till.say("earn.pin", { n: limit }) : "";
  };
  set(1);
  return h("div", { class: "units" }, h("div", { class: "stepper", role: "group", "aria-label": till.say("earn.how_many") }, fewer, button, more), hint);
}

function spend(till, scan, program) {
  const { earn: rule } = program;
  return keypad(till, rule.currency, {
    title: till.say("earn.spend"),
    hint: (total) => {
      const points = estimate(rule, total);
      return points ? till.words.count("earn.estimate", points) : till.say("earn.nothing");
    },
    label: (amount) => till.say("earn.amount", { amount }),
    use: (total, amount) => earn(till, scan, { purchase: purchase(total, rule.currency) }, amount),
  });
}

function rewards(till, scan) {
  const ready = scan.offers.filter((offer) => offer.available);
  if (ready.length === 0) return scan.card.kind === "discount" ? undefined : h("p", { class: "small" }, till.say("rewards.none"));
  return h("section", { class: "rewards", "aria-labelledby": "rewards" },
    h("h2", { id: "rewards" }, till.say("rewards")),
    h("ul", {}, ready.map((offer) => h("li", {}, h("button", { type: "button", onclick: () => confirm(till, scan, offer) },
      icon("gift"), h("b", {}, offer.name), h("span", {}, price(till, offer)))))));
}

const price = (till, offer) => [
  offer.voucher ? till.say("reward.voucher") : till.words.count("reward.cost", offer.cost ?? 0),
  offer.needs_pin && till.say("reward.pin"),
].filter(Boolean).join(" · ");

/** Handing out costs the shop something, and so takes a second press. */
function confirm(till, scan, offer) {
  const body = { scan: scan.scan, ...(offer.voucher ? { voucher: offer.voucher } : { reward: offer.reward }) };
  till.show("redeem", h("div", { class: "sheet" },
    h("h1", {}, till.say("redeem.title")),
    h("p", { class: "gift" }, icon("gift"), h("b", {}, offer.name)),
    h("p", {}, `${till.say("card", { tail: tail(scan.card) })} · ${price(till, offer)}`),
    h("button", { type: "button", class: "main", onclick: () => act(till, { what: "redeem", path: "/v1/scans/redeem", body, text: offer.name, scan }, offer.needs_pin) }, till.say("redeem.button")),
    h("button", { type: "button", onclick: () => cardScreen(till, scan) }, till.say("back")),
  ));
}
