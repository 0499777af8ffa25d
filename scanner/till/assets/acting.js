// Doing something with a card, once: with its own Idempotency-Key until there is an
// answer, and with a PIN where one is asked for.
import { doneScreen, refusedScreen } from "./answers.js";
import { cardScreen, kindOf } from "./card.js";
import { granted, lessened } from "./discount.js";
import { h, icon } from "./dom.js";
import { keep } from "./keep.js";
import { pinScreen } from "./pin.js";
import { refundedScreen } from "./refund.js";
import { sentence } from "./refusal.js";
import { keepable, settle } from "./server.js";
import { signal } from "./signal.js";
import { used, worn } from "./worth.js";

/** Does an action: {what, path, body, text, scan}. `needs` is whose PIN it takes, where that is known before. */
export function act(till, action, needs) {
  const whole = { key: crypto.randomUUID(), at: till.now(), ...action };
  return needs ? approve(till, whole, needs) : send(till, whole);
}

/** Takes back what was done last. */
export function undo(till) {
  const { entry, gone: text, chosen } = till.last;
  return act(till, { what: "void", path: `/v1/entries/${entry}/void`, body: {}, text, chosen });
}

/** Somebody goes on without the network: the action waits until it is back. */
class Aside extends Error {}

async function send(till, action) {
  sendingScreen(till, action);
  try {
    const answer = await settle(till.server, action, keep, waiting(till, action));
    done(till, action, answer);
  } catch (error) {
    if (error instanceof Aside) return aside(till, action);
    const { problem } = error;
    if (!problem) throw error;
    if (problem.code === "shift_ended") return signInAgain(till, action);
    if (await till.failed(error)) return;
    switch (problem.code) {
      case "pin_required": return approve(till, action, problem.needs, action.body.pin && till.say("pin.higher"));
      case "pin_wrong": case "pin_locked": return approve(till, action, action.needs, said(till, problem));
      case "units_not_accepted": case "purchase_required": case "currency_mismatch": return changed(till, action, problem);
      default: refusedScreen(till, { currency: action.offer?.currency, ...problem }, problem.needs && (() => approve(till, action, problem.needs)), toCard(till, action, problem));
    }
  }
}

/** The way back to the card from a reward that could not be had. */
function toCard(till, { what, scan, offer }, { code, retry_at: until }) {
  if (what !== "redeem" || !code.startsWith("reward_")) return undefined;
  if (code === "reward_reserved") offer.reserved_until = until;
  return () => cardScreen(till, scan, { earned: scan.earned, aside: true });
}

const said = (till, problem) => sentence(problem, till.words, till.here, till.now());

/** The program counts by other rules than the till knows: it learns them, and an earning is asked for by those. */
async function changed(till, { what, scan, offer }, problem) {
  await till.connect();
  if (!till.serving) return;
  if (what !== "earn" || scan.redeemed || !till.online) return refusedScreen(till, { currency: offer?.currency, ...problem });
  signal("bad", till.sound);
  cardScreen(till, scan, { aside: true, said: till.say("card.changed") });
}

/** Nothing happened, but it is to: the action waits for whoever signs in. */
function signInAgain(till, action) {
  keep.set("action", keepable(action));
  till.lock();
}

function approve(till, action, needs = "manager", wrong) {
  const { pin, ...body } = action.body;
  pinScreen(till, {
    title: till.say(needs === "cashier" ? "pin.cashier" : "pin.manager"), why: till.say("pin.why", { what: action.text }), wrong,
    cancel: () => till.home(),
    use: (pin) => send(till, { ...action, needs, body: { ...body, pin } }),
  });
}

/** Goes on without an answer: what was sent may have happened, so its code is used. */
async function aside(till, action) {
  await till.offline.note(action.scan?.mark, action.what);
  till.connected(false);
  till.home();
}

function done(till, action, answer) {
  const { card } = answer;
  till.offline.note(action.scan?.mark, action.what);
  const entry = answer.entries.find((e) => e.kind === action.what);
  const text = told(till, action, entry, answer);
  till.connected(true);
  till.done = { card, at: till.now() };
  till.last = lastly(till, action, {
    entry: entry.id, text, gone: value(till, action, entry, answer) ?? text, chosen: Boolean(action.offer?.chosen), card, at: till.now(), scan: action.scan?.scan,
  });
  if (action.what === "refund") refundedScreen(till, action, answer);
  else doneScreen(till, { ...action, text }, answer);
}

/** What can be taken back now. Of the actions of one scan each can, the last one first. */
function lastly({ last }, { what }, done) {
  if (what === "void") return last?.before;
  if (what === "refund") return undefined;
  return { ...done, before: done.scan && last?.scan === done.scan ? last : undefined };
}

/** What was done, in the words of its entry. */
function told(till, action, entry, answer) {
  switch (action.what) {
    case "earn": return till.words.count(`earn.${kindOf(answer.card)}`, entry.units);
    case "grant": return granted(till, action, entry);
    case "redeem": return used(till, action, answer) ?? action.text;
    default: return action.text;
  }
}

/** What would be taken back, where more is told of it. */
function value(till, action, entry, answer) {
  switch (action.what) {
    case "grant": return lessened(till, action, entry);
    case "redeem": return worn(till, action, answer);
    default: return undefined;
  }
}

function sendingScreen(till, action, { unanswered = false, again, leave } = {}) {
  const screen = h("div", { class: unanswered ? "sheet sending late" : "sheet sending", "aria-busy": "true" },
    icon("wait"),
    h("h1", {}, till.say(unanswered ? "unanswered.title" : "sending")),
    h("p", { class: "gift" }, h("b", {}, action.text)),
    unanswered && h("p", {}, till.say("unanswered")),
    unanswered && h("button", { type: "button", class: "main", onclick: again }, till.say("unanswered.again")),
    unanswered && till.offline.ready && h("button", { type: "button", onclick: leave }, till.say("unanswered.aside")),
  );
  till.show("sending", screen);
  return screen;
}

/** Says that there is no answer yet, once, and waits for the next try each time it is asked to. */
function waiting(till, action) {
  let screen, go, left = false; // left: for without the network
  return (tries, pause) => new Promise((resolve, reject) => {
    go = () => (left ? reject(new Aside()) : resolve());
    if (left) return go();
    if (!screen?.isConnected) screen = sendingScreen(till, action, { unanswered: true, again: () => go(), leave: () => { left = true; go(); } });
    setTimeout(resolve, pause);
    addEventListener("online", resolve, { once: true });
  });
}

/** Goes on with an action that the page was closed over. */
export function resumeScreen(till) {
  const { pin, ...action } = keep.get("action");
  if (till.locked) return till.lock();
  if (!pin) return send(till, action);
  pinScreen(till, {
    title: till.say(action.needs === "cashier" ? "pin.cashier" : "pin.manager"), why: till.say("unanswered.pin"),
    cancel: () => resumeScreen(till),
    use: (typed) => send(till, { ...action, body: { ...action.body, pin: typed } }),
  });
}
