// A device becomes a till: with a code that the office made.
import { h } from "./dom.js";
import { languageButtons } from "./menu.js";
import { elsewhere } from "./offline/waiting.js";
import { sentence } from "./refusal.js";
import { Refused } from "./server.js";

export function pairScreen(till, { code = "", why, wrong } = {}) {
  const typed = h("input", {
    id: "code", name: "code", type: "text", value: code, autocomplete: "one-time-code", autocapitalize: "characters", autocorrect: "off",
    spellcheck: "false", maxlength: "20", "aria-describedby": wrong ? "wrong" : "why", "aria-invalid": wrong ? "true" : null, required: true,
  });
  const button = h("button", { type: "submit", class: "main" }, till.say("pair.button"));
  const submit = async (event) => {
    event.preventDefault();
    if (typed.value.replace(/[\s-]/g, "").length !== 10) return pairScreen(till, { code: typed.value, why, wrong: till.say("pair.short") });
    button.disabled = true;
    try {
      await till.paired(await till.server.ask("POST", "/v1/pairings", { code: typed.value }));
    } catch (error) {
      const wrong = error instanceof Refused ? sentence(error.problem, till.words, till.here, till.now()) : till.say("pair.offline");
      pairScreen(till, { code: typed.value, why, wrong });
    }
  };
  till.show("pair", h("form", { class: "sheet", onsubmit: submit, novalidate: true },
    why && h("p", { class: "notice", role: "alert" }, till.say(why)),
    h("h1", {}, till.say("pair.title")),
    h("p", { id: "why" }, till.say("pair.why")),
    h("label", { for: "code" }, till.say("pair.code")), typed,
    wrong && h("p", { id: "wrong", class: "wrong", role: "alert" }, wrong),
    button,
    elsewhere(till),
    languageButtons(till, () => pairScreen(till, { code: typed.value, why })),
  ), { focus: typed });
}
