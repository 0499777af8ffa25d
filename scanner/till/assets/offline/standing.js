// How things stand while there is no network, in a few words for the screen where a
// card is waited for, and what became of what was sent.
import { h, icon } from "../dom.js";
import { keep } from "../keep.js";
import { waitingScreen } from "./waiting.js";

/** For so long before what waits is worth nothing any more it is urgent to send it, in ms. */
const urgent = 12 * 3_600_000;

/** What can be done without the network: heading and sentence. */
export function offlineHint(till) {
  return [h("h1", {}, till.say("offline.title")), h("p", {}, till.say(can(till)))];
}

/** The sentence that says what the till can do by itself now. */
export function can({ offline }) {
  if (!offline.able) return "offline.unkept";
  return offline.ready ? "offline.kept" : "offline.unready";
}

/** What waits, what the lease allows, and what became of the rest; nothing when there is nothing to say. */
export function standing(till) {
  const { offline, online, words } = till;
  const { waiting, lease, left, deadline } = offline;
  const stuck = waiting.filter((item) => item.refused).length;
  const aside = keep.get("action");
  const late = deadline !== undefined && deadline - till.now() < urgent;
  return [
    !online && aside && h("p", { class: "line" }, icon("wait"), h("span", {}, till.say("offline.aside", { what: aside.text }))),
    !online && offline.ready && h("p", { class: "line" }, icon("gift"), h("span", {}, left > 0
      ? words.count("lease.left", left, { until: words.moment(lease.expires, till.now(), till.here.zone) })
      : till.say(!lease ? "lease.none" : lease.used >= lease.redemptions ? "lease.spent" : "lease.ended"))),
    late && h("p", { class: "line late", role: "alert" }, icon("wait"), h("span", {}, till.say("waiting.late", { until: words.moment(deadline, till.now(), till.here.zone) }))),
    (waiting.length > 0 || (!online && offline.ready)) && h("button", { type: "button", class: "line", onclick: () => waitingScreen(till) },
      icon("wait"), h("span", {}, howMany(till))),
    online && offline.blocked && waiting.length > 0 && h("p", { class: "line late", role: "alert" }, icon("bad"), h("span", {}, till.say("log.waiting.blocked"))),
    stuck > 0 && h("button", { type: "button", class: "line late", onclick: () => waitingScreen(till) }, icon("bad"), h("span", {}, words.count("log.stuck", stuck))),
    offline.report && h("button", { type: "button", class: `line${offline.bad ? " late" : ""}`, onclick: () => (offline.bad ? waitingScreen(till) : offline.seen()) },
      icon(offline.bad ? "bad" : "good"), h("span", {}, summary(till))),
  ];
}

/** How many wait to be sent. */
export const howMany = ({ words, offline: { waiting } }) => (waiting.length ? words.count("waiting", waiting.length) : words.say("waiting.none"));

/** What became of what was sent, in numbers. */
export function summary({ words, offline: { report } }) {
  return [words.count("sent.posted", report.posted), report.contested > 0 && words.count("sent.contested", report.contested)].filter(Boolean).join(" ");
}
