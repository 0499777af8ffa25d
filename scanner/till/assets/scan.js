// Waiting for a card, and what is done with what was read.
import { cardScreen } from "./card.js";
import { h, icon } from "./dom.js";
import { foreign } from "./foreign.js";
import { lookupScreen } from "./lookup.js";
import { codesOf } from "./partner.js";
import { readingScreen } from "./reading.js";
import { refusedScreen } from "./answers.js";
import { ofReceipt } from "./returns.js";
import { Refused, Unanswered } from "./server.js";
import { signal } from "./signal.js";
import { undo } from "./acting.js";
import { codeOf } from "./offline/codes.js";
import { present } from "./offline/present.js";
import { offlineHint, standing } from "./offline/standing.js";
import { undoButton } from "./offline/undoing.js";

/** For so long the action before can be taken back here without a manager, in ms. */
const undoable = 10 * 60_000;

/** A card that was just served is not opened again by the camera for so long: its code is still in view, and may have changed. In ms. */
const lingering = 15_000;

export const tail = (card) => card.id.slice(-4).toUpperCase();

/** `reopen` offers a card that was just served: {tail, open}. */
export function scanScreen(till, { status = "", reopen } = {}) {
  const { readers } = till;
  const { last, unsent } = till;
  const takes = till.online || till.offline.ready; // without network only what can be kept
  const seen = readers?.seeing && takes;
  const undoing = last && till.now() - last.at < undoable;
  const ask = (name) => takes && readers.asking.has(name) && h("button", { type: "button", onclick: () => readers.ask(name) }, till.say(`${name}.start`));
  const { eye = { cameras: [] }, lit } = readers ?? {};
  till.show("scan", h("div", { class: `scan${seen ? " seen" : ""}` },
    h("div", { class: "hint" },
      till.online && [h("h1", {}, till.say("scan.title")), h("p", {}, till.say(seen ? "scan.camera" : "scan.ready"))],
      !till.online && offlineHint(till)),
    seen ? h("div", { class: "frame", "aria-hidden": "true" }) : h("div", { class: "gun" }, icon(till.online ? "gun" : "offline")),
    h("div", { class: "foot" },
      h("p", { role: "status", class: "status" }, status),
      readers?.trouble && h("p", { role: "alert", class: "trouble", "data-code": readers.trouble }, till.say(troubleText(till, readers.trouble))),
      reopen && h("button", { type: "button", onclick: reopen.open }, till.say("again.open", { tail: reopen.tail })),
      standing(till),
      till.online && !seen && h("p", { class: "none" }, till.say("scan.none")),
      takes && h("div", { class: "ways" },
        seen && eye.torch && h("button", { type: "button", "aria-pressed": String(lit), onclick: () => readers.light(!lit) }, icon("light"), till.say("camera.light")),
        seen && eye.cameras.length > 1 && h("button", { type: "button", onclick: () => readers.turn() }, icon("turn"), till.say("camera.turn")),
        readers?.running && !seen && h("button", { type: "button", onclick: () => readers.renew("camera") }, till.say("camera.start")),
        ask("nfc"), ask("serial"),
        till.online && h("button", { type: "button", onclick: () => lookupScreen(till) }, icon("search"), till.say("lookup.start"))),
      undoing && till.online && h("div", { class: "last" },
        h("p", {}, h("b", {}, last.text), ` · ${till.say("card", { tail: tail(last.card) })}`),
        h("button", { type: "button", onclick: () => undo(till) }, icon("undo"), till.say("undo"))),
      undoing && till.online && codesOf(till, last.card, () => till.home()),
      unsent && till.now() - unsent.at < undoable && till.offline.retractable(unsent.key) && h("div", { class: "last" },
        h("p", {}, h("b", {}, unsent.text), unsent.tail && ` · ${till.say("card", { tail: unsent.tail })}`),
        undoButton(till))),
  ));
}

/** The sentence that tells of a reader's trouble. */
export const troubleText = (till, code) => (till.words.has(`trouble.${code}`) ? `trouble.${code}` : "trouble.other");

/** Screens on which a card that is held to a reader is the next customer's. */
const open = ["scan", "card", "done", "refused", "lookup", "matches", "voucher", "receipt", "purchases", "wish"];

/** Screens with the camera's picture. */
export const pictured = ["scan", "voucher"];

/** Takes what was read, unless something else must be finished first: then that is told. What the camera sees counts only where its picture is shown. */
export function take(till, text, reading) {
  if (till.screen === "reading") return readingScreen(till, { read: text });
  if (till.screen === "receipt" && reading.channel !== "camera" && !codeOf(text, reading.channel)) return ofReceipt(till, text.trim());
  if (reading.channel === "camera" && !pictured.includes(till.screen)) return;
  if (!open.includes(till.screen)) {
    if (reading.channel !== "nfc" || text !== till.taken) till.readers.tell(reading.channel, "unfinished");
    return;
  }
  till.taken = text;
  if (till.looking) {
    if (text !== till.looking) till.readers.tell(reading.channel, "too_soon"); // the card's own, held on, is no other one
    return;
  }
  if (till.online && till.screen !== "voucher") look(till, text, reading);
  else present(till, text, reading);
}

async function look(till, text, reading) {
  till.looking = text;
  signal("read", till.sound);
  if (till.screen === "scan") document.querySelector("#screen .status").textContent = till.say("scan.looking");
  const began = performance.now();
  performance.measure("till.read", { start: began - reading.ms, end: began, detail: reading });
  try {
    const scan = await ask(till, text, reading);
    performance.measure("till.look", { start: began, end: performance.now() });
    if (await till.learn(scan.card)) found(till, scan, text, reading);
  } catch (error) {
    if (error instanceof Unanswered) {
      await till.failed(error);
      if (till.offline.ready && error.message !== "rate_limited") await present(till, text, reading);
      else if (till.screen === "scan") till.home();
    } else if (!(await till.failed(error))) refusedScreen(till, { ...error.problem, foreign: foreign(text) });
  } finally {
    till.looking = undefined;
    if (till.readers.trouble) till.readers.redraw(); // what was told meanwhile stands on the scan screen now
  }
}

/** What the server says of keys that were read with another keyboard than they were typed on. */
const misread = ["credential_unknown", "credential_malformed", "credential_invalid"];

/** Asks about a text; where a scanner's keys can mean another one, about that too, once. */
async function ask(till, text, { channel, second }) {
  const about = (credential) => till.server.ask("POST", "/v1/scans", { credential, channel }, crypto.randomUUID());
  try {
    return await about(text);
  } catch (error) {
    if (second === undefined || !(error instanceof Refused) || !misread.includes(error.problem.code)) throw error;
    return about(second);
  }
}

function found(till, scan, text, { channel }) {
  const { done } = till;
  const { mark, still } = codeOf(text, channel) ?? {};
  Object.assign(scan, { mark, still }); // not the code itself: this is kept until there is an answer
  const show = () => cardScreen(till, scan);
  const served = channel === "camera" && done?.card.id === scan.card.id && till.now() - done.at < lingering;
  if (served) scanScreen(till, { reopen: { tail: tail(scan.card), open: show } });
  else show();
}
