// For a customer who has nothing to show: staff type what the customer says, and
// vouch for it with their PIN. What was typed stays on this screen.
import { cardScreen, standing, whose } from "./card.js";
import { h } from "./dom.js";
import { keep } from "./keep.js";
import { pinScreen } from "./pin.js";
import { refusedScreen } from "./answers.js";
import { regionOf, regions } from "./region.js";
import { sentence } from "./refusal.js";

/** By what a customer can be found, and the keyboard that a tablet is to show for it. */
const ways = {
  phone: { type: "tel", inputmode: "tel", autocomplete: "off", maxlength: 40 },
  email: { type: "email", inputmode: "email", autocapitalize: "none", autocomplete: "off", maxlength: 254, spellcheck: "false" },
  card_number: { type: "text", inputmode: "text", autocapitalize: "characters", autocomplete: "off", autocorrect: "off", maxlength: 100, spellcheck: "false" },
};

/** What cannot be one, so that nobody types a PIN for it. The server looks closer. */
const impossible = {
  phone: (text) => (text.match(/\p{Nd}/gu) ?? []).length < 5 || text.includes("@"),
  email: (text) => !/^[^\s@]+@[^\s@]+$/.test(text),
  card_number: (text) => !/^[\da-z]{26}$/i.test(text.replace(/^\s*card_/i, "").replace(/[\s-]/g, "")),
};

/** Whether a text can be what it is said to be: a phone, an email or a card_number. */
export const possible = (by, text) => !impossible[by](text);

/** `typed` is {by, text}; `wrong` what was wrong with it, `told` what came of it. */
export function lookupScreen(till, { by, text } = { by: "phone", text: "" }, { wrong, told } = {}) {
  const field = h("input", { id: "sought", value: text, enterkeyhint: "search", ...ways[by], class: "plain", "data-words": true, "aria-describedby": wrong ? "wrong" : null, "aria-invalid": wrong ? "true" : null });
  const submit = (event) => {
    event.preventDefault();
    const typed = { by, text: field.value.trim() };
    if (possible(by, typed.text)) askPIN(till, typed);
    else lookupScreen(till, typed, { wrong: till.say(`lookup.wrong.${by}`) });
  };
  till.show("lookup", h("form", { class: "sheet typing", onsubmit: submit, novalidate: true },
    h("h1", {}, till.say("lookup.title")),
    h("div", { class: "choices", role: "group", "aria-label": till.say("lookup.by") }, Object.keys(ways).map((way) => h("button", {
      type: "button", "aria-pressed": String(way === by), onclick: () => lookupScreen(till, { by: way, text: "" }),
    }, till.say(`lookup.${way}`)))),
    h("label", { for: "sought" }, till.say(`lookup.${by}.label`)), field,
    by === "phone" && country(till),
    wrong && h("p", { id: "wrong", class: "wrong", role: "alert" }, wrong),
    told && h("p", { class: "notice", role: "alert" }, told),
    h("button", { type: "submit", class: "main" }, till.say("lookup.button")),
    h("button", { type: "button", onclick: () => till.home() }, till.say("back")),
  ), { focus: field });
}

const regionHere = (till) => keep.get("region") ?? regionOf(till.here.zone, navigator.language);

/** Where numbers are from that begin without +. */
function country(till) {
  const names = new Intl.DisplayNames(till.words.language, { type: "region" });
  const all = regions().map((region) => [names.of(region), region]).sort(([a], [b]) => a.localeCompare(b, till.words.language));
  if (all.length === 0) return undefined;
  const here = regionHere(till);
  return [
    h("label", { for: "region" }, till.say("lookup.region")),
    h("select", { id: "region", onchange: (event) => keep.set("region", event.target.value) },
      all.map(([name, region]) => h("option", { value: region, selected: region === here }, name))),
  ];
}

function askPIN(till, typed, wrong) {
  pinScreen(till, {
    title: till.say("pin.cashier"), why: till.say("lookup.why", { text: typed.text }), wrong,
    cancel: () => lookupScreen(till, typed),
    use: (pin) => find(till, typed, pin),
  });
}

async function find(till, typed, pin) {
  const { by, text } = typed;
  const body = { [by]: text, pin };
  if (by === "phone" && !text.startsWith("+")) body.region = regionHere(till);
  try {
    const { matches } = await till.server.ask("POST", "/v1/scans/lookup", body);
    till.connected(true);
    for (const { card } of matches) if (!(await till.learn(card))) return;
    found(till, typed, matches);
  } catch (error) {
    const { problem } = error;
    if (problem?.code === "rate_limited") return refusedScreen(till, { ...problem, code: "too_many_lookups" });
    if (await till.failed(error)) {
      if (till.screen === "pin") lookupScreen(till, typed, { wrong: till.say("lookup.offline") });
      return;
    }
    switch (problem?.code) {
      case "pin_wrong": case "pin_locked": return askPIN(till, typed, sentence(problem, till.words, till.here, till.now()));
      case "invalid_field": return lookupScreen(till, typed, { wrong: till.say(`lookup.wrong.${by}`) });
      case undefined: throw error;
      default: refusedScreen(till, problem);
    }
  }
}

function found(till, typed, matches) {
  if (matches.length === 0) return lookupScreen(till, typed, { told: till.say("lookup.nobody") });
  if (matches.length === 1) return cardScreen(till, matches[0]);
  till.show("matches", h("div", { class: "sheet" },
    h("h1", {}, till.say("lookup.which")),
    h("ul", { class: "people" }, matches.map((match) => h("li", {}, h("button", { type: "button", onclick: () => cardScreen(till, match) },
      h("b", {}, match.card.program_name), h("span", {}, `${whose(till, match)} · ${standing(till, match.card, till.program(match.card.program))[1].textContent}`))))),
    h("button", { type: "button", onclick: () => lookupScreen(till, typed) }, till.say("back")),
  ));
}
