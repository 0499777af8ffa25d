// The strip above every screen: whose till it is, who is there, and what is wrong.
import { h, icon } from "./dom.js";
import { menuScreen } from "./menu.js";
import { staffScreen } from "./staff.js";

export function top(till) {
  const { setup, staff } = till;
  const bare = !setup || till.screen === "pair" || till.screen === "sending";
  document.querySelector("#top").replaceChildren(...[
    h("div", { class: "whose" }, h("b", {}, setup?.merchant_name ?? "Stempel"), setup && h("span", {}, `${setup.location.name} · ${setup.till.name}`)),
    !till.online && h("span", { class: "offline", role: "status" }, icon("offline"), h("span", {}, till.say("offline.short"))),
    !bare && setup.staff.length > 0 && h("button", {
      type: "button", class: "chip", onclick: () => staffScreen(till),
      "aria-label": staff ? till.say("staff.change", { name: staff.name }) : till.say("staff.nobody"),
    }, icon(till.locked ? "lock" : "person"), h("span", {}, staff?.name ?? till.say("staff.nobody"))),
    !bare && h("button", { type: "button", class: "round", "aria-label": till.say("menu"), onclick: () => menuScreen(till) }, icon("menu")),
    setup?.test && h("p", { class: "test" }, till.say("test")),
    till.update && h("button", { type: "button", class: "update", onclick: till.update }, till.say("update")),
  ].filter(Boolean));
}
