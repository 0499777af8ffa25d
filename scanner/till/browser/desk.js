// A till of each test's own at the demo's server, and what a cashier does with it.
import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { join } from "node:path";

import { decode32 } from "../assets/offline/bytes.js";
import { api, check, demo, kept, open, pictures } from "../../../passes/web/browser/site.js";

export const screens = {
  phone: { viewport: { width: 360, height: 640 }, deviceScaleFactor: 2, hasTouch: true },
  tablet: { viewport: { width: 768, height: 1024 }, deviceScaleFactor: 1, hasTouch: true },
  landscape: { viewport: { width: 1180, height: 720 }, deviceScaleFactor: 1, hasTouch: true },
  desk: { viewport: { width: 1280, height: 800 }, deviceScaleFactor: 1, hasTouch: true },
  tall: { viewport: { width: 390, height: 844 }, deviceScaleFactor: 2, hasTouch: true },
  wide: { viewport: { width: 1024, height: 768 }, deviceScaleFactor: 1, hasTouch: true },
};

let tills = 0;

/** Makes a till and its pairing code. */
export async function newTill() {
  const location = (await api("GET", "/v1/locations")).locations.at(-1).id; // the demo's own, whatever shops tests have opened
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

/** Opens the app and pairs it by its link; `before` may change the browser first. */
export async function paired(t, { at = demo.base_url, before, ...options } = {}) {
  const till = await newTill();
  const page = await open(t, { locale: "en", ...screens.phone, ...options });
  await before?.(page.context());
  await page.goto(`${at}/till#${till.code}`);
  await on(page, "pair");
  await page.locator("button.main").click();
  await on(page, "scan");
  page.till = till;
  return page;
}

const standing = new Map();

/**
 * The till that the tests of a file share, one for each language: each opens it anew, as in the morning, on its own
 * screen. For those that leave nothing behind in it but what a server knows; whoever signs in, loses the network,
 * revokes or blocks pairs one of their own.
 */
export async function opened({ locale = "en", viewport = screens.phone.viewport, colorScheme = "light" } = {}) {
  let page = standing.get(locale);
  if (!page) {
    const file = { after() {} }; // it is closed with the browser
    page = await paired(file, { ...screens.phone, locale, viewport, colorScheme });
    standing.set(locale, page);
    return page;
  }
  await page.unrouteAll({ behavior: "ignoreErrors" });
  await page.setViewportSize(viewport);
  await page.emulateMedia({ colorScheme });
  page.complaints.length = 0;
  await reload(page);
  return page;
}

/** Waits for a screen. */
export const on = (page, name) => page.locator(`body[data-screen="${name}"]`).waitFor({ timeout: 15_000 });

/** Opens the till anew, and waits until it knows what its shop is now. */
export async function reload(page) {
  await Promise.all([page.waitForResponse((answer) => new URL(answer.url()).pathname === "/v1/till"), page.reload()]);
  await on(page, "scan");
}

/** Waits until a till has all that it needs to go on alone. */
export async function prepared(page) {
  await page.locator('html[data-kept="yes"]').waitFor();
  for (let i = 0; i < 100; i++) {
    const { notes } = await shelf(page);
    if (notes.some((note) => note.name.startsWith("counter")) && notes.some((note) => note.name.startsWith("lease"))) return;
    await page.waitForTimeout(100);
  }
  throw new Error("the till was not prepared");
}

/** What the app keeps, without its keys. */
export const shelf = (page) => page.evaluate(() => new Promise((resolve, reject) => {
  const asked = indexedDB.open("stempel-till");
  asked.onerror = () => reject(asked.error);
  asked.onsuccess = async () => {
    const read = asked.result.transaction(["items", "notes", "told"]);
    const all = (name) => new Promise((done) => { const got = read.objectStore(name).getAll(); got.onsuccess = () => done(got.result); });
    const [items, notes, told] = await Promise.all(["items", "notes", "told"].map(all));
    asked.result.close();
    resolve({ items, told, notes: notes.map(({ pair, ...note }) => note) });
  };
}));

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

/** What a phone shows that makes its codes itself (RFC 6238): a function that answers the code of now. */
export async function rotatingOf(card) {
  const phone = await api("POST", `/v1/cards/${card}/devices`, { name: "Phone" });
  const { prefix, secret, digits, period_seconds: period } = await api("POST", `/v1/cards/${card}/rotating`, undefined, phone.token);
  const key = Buffer.from(decode32(secret));
  return () => {
    const step = Buffer.alloc(8);
    step.writeBigUInt64BE(BigInt(Math.floor(Date.now() / 1000 / period)));
    const mac = createHmac("sha1", key).update(step).digest();
    const cut = mac.readUInt32BE(mac.at(-1) & 15) & 0x7fffffff;
    return prefix + String(cut % 10 ** digits).padStart(digits, "0");
  };
}

export const statementOf = async (card, voucher) => (await api("POST", `/v1/cards/${card}/vouchers/${voucher}/statements`, {})).statement;

/** A card that is full, and what it earned. */
export async function fullCard() {
  const card = await newCard();
  await api("POST", "/v1/scans", { credential: await codeOf(card), earn: { units: 10 } }, demo.till_token);
  return { card, voucher: (await api("GET", `/v1/cards/${card}`)).vouchers[0].id };
}

export const balance = async (card) => (await api("GET", `/v1/cards/${card}`)).balance;

/** Types a text as a barcode gun does: a key each ms, or as slow as `pace` says, whatever else this machine is busy with. `keyOf` says what a key gives. */
export async function gun(page, text, { keyOf = (key) => ({ key }), pace = 1 } = {}) {
  await page.evaluate(([keys, pace]) => {
    let at = performance.now();
    for (const key of keys) {
      const event = new KeyboardEvent("keydown", { ...key, bubbles: true, cancelable: true });
      Object.defineProperty(event, "timeStamp", { value: at += pace });
      document.activeElement.dispatchEvent(event);
    }
  }, [[...[...text].map(keyOf), { key: "Enter", code: "Enter" }], pace]);
}

/** Scans a card by gun and waits until it is shown, in place of what was there: another card, perhaps. */
export async function show(page, text) {
  await page.locator("#screen > *").first().evaluate((one) => { one.dataset.before = ""; });
  await gun(page, text);
  await page.locator('body[data-screen="card"] #screen > :not([data-before])').first().waitFor({ timeout: 15_000 });
}

export const button = (page, name) => page.getByRole("button", { name, exact: typeof name === "string" });

export async function typePIN(page, pin) {
  await on(page, "pin");
  for (const digit of pin) await page.locator(".keys").getByRole("button", { name: digit, exact: true }).click();
  await page.locator("#screen button.main").click();
}

/** Looks at a screen: nothing is wider than it, every target is large enough for a thumb, the usual thing to do needs no scrolling, nothing breaks WCAG 2.2 AA, and it is kept to be looked at. */
export async function look(page, name) {
  if (kept) await page.screenshot({ path: join(pictures, `till-${name}.png`) });
  assert.equal(await page.evaluate(() => document.querySelector("#screen").scrollWidth > innerWidth || document.documentElement.scrollWidth > innerWidth), false, `${name} is wider than the screen`);
  const small = await page.locator("button:visible, input:visible, select:visible").evaluateAll((all) => all.filter((one) => one.offsetHeight < 48 || one.offsetWidth < 48).map((one) => one.outerHTML));
  assert.deepEqual(small, [], `${name}: targets smaller than 48 px`);
  const below = await page.locator("button.main:visible").evaluateAll((all) => all.filter((one) => one.getBoundingClientRect().bottom > innerHeight).map((one) => one.textContent));
  assert.deepEqual(below, [], `${name}: has to be scrolled to`);
  await check(page, name);
}

/**
 * One who looks at a page on several screens, each a [size, colour scheme]; `also` is what else must hold on each.
 * Style sheets alone say how a till is drawn, so that one page serves for all of them. It stays as it was looked at
 * last, and the next time is looked at from there: it is pressed now on one screen, now on the other.
 */
export function looker(page, looks, nameOf) {
  const turn = [...looks];
  return async (name, also) => {
    for (const [i, [size, colorScheme]] of turn.entries()) {
      await become(page, size, colorScheme);
      if (i > 0) await page.locator("#screen").evaluate((screen) => { screen.scrollTop = 0; });
      await look(page, nameOf(size, colorScheme, name));
      await also?.(size);
    }
    turn.reverse();
  };
}

/** Makes the page as large, and as light or dark, as a screen. */
export async function become(page, size, colorScheme) {
  await page.setViewportSize(screens[size].viewport);
  await page.emulateMedia({ colorScheme });
}

/** A browser like the first of these screens. */
export const first = ([[size, colorScheme]]) => ({ ...screens[size], colorScheme });
