// The list of what waits to be sent, and of what was sent and not credited: nothing
// is dropped without being told of.
import { h, icon } from "../dom.js";
import { sentence } from "../refusal.js";
import { format } from "../money.js";
import { summary } from "./standing.js";

/** More lines than these nobody reads; their number is told. */
const shownAtOnce = 100;

export function waitingScreen(till) {
  const { offline } = till;
  const stuck = offline.waiting.filter((item) => item.refused);
  const waiting = offline.waiting.filter((item) => !item.refused);
  const section = (id, items, why) => items.length > 0 && h("section", { class: "log", "aria-labelledby": id },
    h("h2", { id }, till.words.count(id, items.length)), why && h("p", { class: "small" }, why),
    h("ul", {}, items.slice(-shownAtOnce).reverse().map((item) => line(till, item))));
  till.show("waiting", h("div", { class: "sheet list long" },
    h("div", { class: "body", tabindex: "0", role: "region", "aria-label": till.say("waiting.title") },
      h("h1", {}, till.say("waiting.title")),
      offline.report && h("p", { class: "notice", role: "status" }, icon(offline.report.contested ? "bad" : "good"), h("span", {}, summary(till))),
      section("log.contested", offline.told, till.say("log.contested.why")),
      section("log.stuck", stuck, till.say("log.stuck.why")),
      section("log.waiting", waiting, till.say(!till.online ? "log.waiting.offline" : offline.blocked ? "log.waiting.blocked" : "log.waiting.online")),
      waiting.length === 0 && stuck.length === 0 && h("p", {}, till.say("waiting.none")),
      elsewhere(till)),
    h("div", { class: "buttons" },
      offline.report && h("button", { type: "button", class: "main", onclick: () => offline.seen().then(() => till.home()) }, till.say("waiting.seen")),
      waiting.length > 0 && till.online && h("button", { type: "button", onclick: () => offline.tend() }, till.say("waiting.send")),
      h("button", { type: "button", class: offline.report ? "" : "main", onclick: () => till.home() }, till.say("back"))),
  ));
}

/** Items of other tills that this device was before. */
export const elsewhere = (till) => [...till.offline.elsewhere].map(([name, n]) =>
  h("p", { class: "notice" }, icon("wait"), h("span", {}, till.words.count("waiting.elsewhere", n, { till: name }))));

function line(till, { at, about, code, detail, refused }) {
  const why = refused ?? (code && { code, detail });
  return h("li", { class: why ? "not" : "" },
    h("p", {}, h("b", {}, what(till, about)), h("span", {}, `${about.tail ? `${till.say("card", { tail: about.tail })} · ` : ""}${till.words.moment(at, till.now(), till.here.zone)}`)),
    why && h("p", { class: "why" }, reason(till, why, about)));
}

/** What was done, in words. */
export function what({ words }, { do: action, kind, units, total, currency, reward }) {
  if (action === "redeem") return reward;
  if (total !== undefined) return format(total, currency, words.language);
  return words.count(`earn.${kind}`, units);
}

/** Why something was not credited, for who reads of it later: what they could have asked the customer then is no help now. */
function reason(till, problem, about) {
  const { words } = till;
  const own = `contested.${problem.code}`;
  const said = words.has(own) ? words.say(own) : sentence(problem, words, till.here, till.now());
  return about.do === "redeem" ? `${said} ${words.say("contested.loss")}` : said;
}
