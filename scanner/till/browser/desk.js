// A till of each test's own at the demo's server, and what a cashier does with it.
import assert from "node:assert/strict";
import { join } from "node:path";

import { api, check, demo, open, pictures } from "../../../passes/web/browser/site.js";

export const screens = {
  phone: { viewport: { width: 360, height: 640 }, deviceScaleFactor: 2, hasTouch: true },
  tablet: { viewport: { width: 768, height: 1024 }, deviceScaleFactor: 1, hasTouch: true },
  desk: { viewport: { width: 1280, height: 800 }, deviceScaleFactor: 1, hasTouch: true },
};

let tills = 0;

/** Makes a till and its pairing code. */
export async function newTill() {
  const location = (await api("GET", "/v1/locations")).locations[0].id;
  const till = await api("POST", "/v1/tills", { name: `Till ${++tills}`, location });
  return { id: till.id, name: till.name, code: till.pairing.code };
}

/** Opens the app in a browser, not paired yet. */
export async function unpaired(t, options = {}) {
  const page = await open(t, { locale: "en", ...screens.phone, ...options });
  await page.goto(`${demo.base_url}/till`);
  await on(page, "pair");
  return page;
}

/** Opens the app and pairs it by its link. */
export async function paired(t, { at = demo.base_url, ...options } = {}) {
  const till = await newTill();
  const page = await open(t, { locale: "en", ...screens.phone, ...options });
  await page.goto(`${at}/till#${till.code}`);
  await on(page, "pair");
  await page.locator("button.main").click();
  await on(page, "scan");
  page.till = till;
  return page;
}

/** Waits for a screen. */
export const on = (page, name) => page.locator(`body[data-screen="${name}"]`).waitFor({ timeout: 15_000 });

export const newCard = async (name = "ice-cream") => (await api("POST", "/v1/cards", { program: demo.programs[name] })).id;

let people = 0;

/** A member, known by a name and, in Poland, a telephone number. */
export async function newMember(name = "Małgorzata Wiśniewska") {
  const local = String(600_100_000 + ++people), email = `member${people}@mail.example`;
  const { id } = await api("POST", "/v1/members", { name, phone: `+48${local}`, email });
  const card = async (program = "ice-cream") => (await api("POST", "/v1/cards", { program: demo.programs[program], member: id })).id;
  return { id, local, email, card };
}

export const codeOf = async (card) => (await api("POST", `/v1/cards/${card}/tokens`, {})).token;
export const stillCodeOf = async (card) => (await api("POST", `/v1/cards/${card}/tokens`, { method: "static", surface: "print" })).token;
export const balance = async (card) => (await api("GET", `/v1/cards/${card}`)).balance;

/** Types a text as a barcode gun does: a key each ms, whatever else this machine is busy with. `keyOf` says what a key gives. */
export async function gun(page, text, keyOf = (key) => ({ key })) {
  await page.evaluate((keys) => {
    let at = performance.now();
    for (const key of keys) {
      const event = new KeyboardEvent("keydown", { ...key, bubbles: true, cancelable: true });
      Object.defineProperty(event, "timeStamp", { value: at++ });
      document.activeElement.dispatchEvent(event);
    }
  }, [...[...text].map(keyOf), { key: "Enter", code: "Enter" }]);
}

/** Scans a card by gun and waits until it is shown. */
export async function show(page, text) {
  await gun(page, text);
  await on(page, "card");
}

export const button = (page, name) => page.getByRole("button", { name, exact: typeof name === "string" });

export async function typePIN(page, pin) {
  await on(page, "pin");
  for (const digit of pin) await page.locator(".keys").getByRole("button", { name: digit, exact: true }).click();
  await page.locator("button.main").click();
}

/** Looks at a screen: nothing is wider than it, every target is large enough for a thumb, the usual thing to do needs no scrolling, nothing breaks WCAG 2.2 AA, and it is kept to be looked at. */
export async function look(page, name) {
  await page.screenshot({ path: join(pictures, `till-${name}.png`) });
  assert.equal(await page.evaluate(() => document.querySelector("#screen").scrollWidth > innerWidth || document.documentElement.scrollWidth > innerWidth), false, `${name} is wider than the screen`);
  const small = await page.locator("button:visible, input:visible, select:visible").evaluateAll((all) => all.filter((one) => one.offsetHeight < 48 || one.offsetWidth < 48).map((one) => one.outerHTML));
  assert.deepEqual(small, [], `${name}: targets smaller than 48 px`);
  const below = await page.locator("button.main:visible").evaluateAll((all) => all.filter((one) => one.getBoundingClientRect().bottom > innerHeight).map((one) => one.textContent));
  assert.deepEqual(below, [], `${name}: has to be scrolled to`);
  await check(page, name);
}
