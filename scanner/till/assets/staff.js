// Who is at the till: a name and its PIN.
import { h, icon } from "./dom.js";
import { pinScreen } from "./pin.js";
import { sentence } from "./refusal.js";
import { Refused } from "./server.js";

export function staffScreen(till, { locked = till.locked } = {}) {
  const people = till.setup?.staff ?? [];
  till.show("staff", h("div", { class: "sheet" },
    h("h1", {}, till.say("staff.title")),
    locked && h("p", { class: "notice", role: "status" }, icon("lock"), till.say("staff.locked")),
    !till.online && h("p", { class: "notice", role: "status" }, icon("offline"), till.say("staff.offline")),
    people.length === 0 && h("p", {}, till.say("staff.none")),
    h("ul", { class: "people" }, people.map((who) => h("li", {}, h("button", { type: "button", onclick: () => ask(till, who, locked) },
      h("b", {}, who.name), h("span", {}, till.say(`role.${who.role}`)))))),
    till.staff && h("button", { type: "button", onclick: () => lock(till) }, icon("lock"), till.say("menu.lock")),
    !locked && h("button", { type: "button", class: "main", onclick: () => till.home() }, till.say("back")),
  ));
}

/** Locks the till. Without network nobody could unlock it, so that takes a second press. */
export function lock(till) {
  if (till.online) till.lock();
  else lockScreen(till);
}

/** Asks for the second press; of the network as it is now. */
export function lockScreen(till) {
  till.show("lock", h("div", { class: "sheet" },
    h("h1", {}, till.say("menu.lock")),
    !till.online && h("p", { class: "notice" }, icon("offline"), h("span", {}, till.say("lock.offline"))),
    h("button", { type: "button", class: till.online ? "" : "danger", onclick: () => till.lock() }, till.say(till.online ? "menu.lock" : "lock.sure")),
    h("button", { type: "button", class: "main", onclick: () => till.home() }, till.say("back")),
  ));
}

function ask(till, who, locked, wrong) {
  pinScreen(till, {
    title: till.say("pin.of", { name: who.name }), wrong, cancel: () => staffScreen(till, { locked }),
    use: async (pin) => {
      try {
        till.signIn(await till.server.ask("POST", "/v1/till/shifts", { staff: who.id, pin }));
      } catch (error) {
        if (error instanceof Refused && await till.failed(error)) return;
        ask(till, who, locked, error instanceof Refused ? sentence(error.problem, till.words, till.here, till.now()) : till.say("staff.offline"));
      }
    },
  });
}
