// What is needed now and then.
import { h } from "./dom.js";
import { languages } from "./words.js";
import { keep } from "./keep.js";
import { howMany } from "./offline/standing.js";
import { waitingScreen } from "./offline/waiting.js";
import { readingScreen } from "./reading.js";
import { receiptScreen } from "./returns.js";
import { lock } from "./staff.js";

export function languageButtons(till, again) {
  return h("div", { class: "choices", role: "group", "aria-label": till.say("language") },
    Object.entries(languages).map(([language, name]) => h("button", {
      type: "button", lang: language, "aria-pressed": String(language === till.words.language),
      onclick: async () => { await till.speak(language); again(); },
    }, name)));
}

export function menuScreen(till, { sure = false } = {}) {
  const again = (options) => menuScreen(till, options);
  const { setup } = till;
  const waiting = till.offline.waiting.length;
  const sound = (on) => h("button", { type: "button", "aria-pressed": String(till.sound === on), onclick: () => { till.sound = on; keep.set("sound", on); again(); } }, till.say(on ? "menu.on" : "menu.off"));
  const about = [["menu.shop", `${setup.merchant_name}, ${setup.location.name}`], ["menu.till", setup.till.name]];
  till.show("menu", h("div", { class: "sheet long" },
    h("div", { class: "body" },
      h("h1", {}, till.say("menu")),
      h("h2", {}, till.say("language")), languageButtons(till, again),
      h("h2", {}, till.say("menu.sound")), h("div", { class: "choices", role: "group", "aria-label": till.say("menu.sound") }, sound(true), sound(false)),
      !till.locked && h("button", { type: "button", onclick: () => receiptScreen(till) }, till.say("return.start")),
      !till.locked && h("button", { type: "button", onclick: () => readingScreen(till) }, till.say("reading")),
      h("h2", {}, till.say("menu.about")),
      h("dl", {}, about.map(([name, value]) => [h("dt", {}, till.say(name)), h("dd", {}, value)])),
      h("button", { type: "button", onclick: () => waitingScreen(till) }, howMany(till)),
      till.staff && h("button", { type: "button", onclick: () => lock(till) }, till.say("menu.lock")),
      !till.locked && (sure
        ? h("div", { class: "panel" },
          waiting > 0 && h("p", { class: "wrong", role: "alert" }, till.words.count("menu.leave.waiting", waiting)),
          h("p", {}, till.say("menu.leave.why")), h("button", { type: "button", class: "danger", onclick: () => till.forget() }, till.say("menu.leave.sure")))
        : h("button", { type: "button", onclick: () => again({ sure: true }) }, till.say("menu.leave")))),
    h("button", { type: "button", class: "main", onclick: () => till.home() }, till.say("back")),
  ));
  document.querySelector("#screen .panel")?.scrollIntoView({ block: "end" });
}
