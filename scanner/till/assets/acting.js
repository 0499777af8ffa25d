// Doing something with a card, once: with its own Idempotency-Key until there is an
// answer, and with a PIN where one is asked for.
import { doneScreen, refusedScreen } from "./answers.js";
import { kindOf } from "./card.js";
import { granted } from "./discount.js";
import { h, icon } from "./dom.js";
import { keep } from "./keep.js";
import { pinScreen } from "./pin.js";
import { sentence } from "./refusal.js";
import { settle } from "./server.js";

/** Does an action: {what, path, body, text, scan}. `needs` is whose PIN it takes, where that is known before. */
export function act(till, action, needs) {
  const whole = { key: crypto.randomUUID(), ...action };
  return needs ? approve(till, whole, needs) : send(till, whole);
}

/** Takes back what was done last. */
export function undo(till) {
  const { entry, text } = till.last;
  return act(till, { what: "void", path: `/v1/entries/${entry}/void`, body: {}, text });
}

async function send(till, action) {
  sendingScreen(till, action);
  try {
    const answer = await settle(till.server, action, keep, (tries, pause) => wait(till, action, pause));
    done(till, action, answer);
  } catch (error) {
    const { problem } = error;
    if (!problem) throw error;
    if (problem.code === "shift_ended") return signInAgain(till, action);
    if (await till.failed(error)) return;
    switch (problem.code) {
      case "pin_required": return approve(till, action, problem.needs);
      case "pin_wrong": case "pin_locked": return approve(till, action, action.needs, said(till, problem));
      default: refusedScreen(till, problem);
    }
  }
}

const said = (till, problem) => sentence(problem, till.words, till.here, till.now());

/** Nothing happened, but it is to: the action waits for whoever signs in. */
function signInAgain(till, action) {
  const { pin, ...body } = action.body;
  keep.set("action", { ...action, body, pin: pin !== undefined });
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

function done(till, action, answer) {
  const { card } = answer;
  const entry = answer.entries.find((e) => e.kind === action.what);
  const text = told(till, action, entry, card);
  till.connected(true);
  till.done = { card, at: till.now() };
  till.last = action.what === "void" ? undefined : { entry: entry.id, text, card, at: till.now() };
  doneScreen(till, { ...action, text }, answer);
}

/** What was done, in the words of its entry. */
function told(till, action, entry, card) {
  switch (action.what) {
    case "earn": return till.words.count(`earn.${kindOf(card)}`, entry.units);
    case "grant": return granted(till, action, entry);
    default: return action.text;
  }
}

function sendingScreen(till, action, unanswered = false, again = () => {}) {
  till.show("sending", h("div", { class: "sheet sending", "aria-busy": "true" },
    icon("wait"),
    h("h1", {}, till.say(unanswered ? "unanswered.title" : "sending")),
    h("p", { class: "gift" }, h("b", {}, action.text)),
    unanswered && h("p", {}, till.say("unanswered")),
    unanswered && h("button", { type: "button", class: "main", onclick: again }, till.say("unanswered.again")),
  ));
}

/** Says that there is no answer yet, and waits for the next try. */
function wait(till, action, pause) {
  return new Promise((resolve) => {
    sendingScreen(till, action, true, resolve);
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
