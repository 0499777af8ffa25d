// A customer taps the tag on the counter, and somebody at the till confirms it: both
// pages in a real browser.
import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { after, before, test } from "node:test";

import { api, check, demo, drawnCode, enrol, kept, open, pictures, start, stop } from "../../../passes/web/browser/site.js";
import { cmac, tapped } from "./chip.js";
import { button, on, paired, screens, typePIN } from "./desk.js";

before(start);
after(stop);

/** A tag on the counter for a program; each tap is the next. */
async function counter(program = demo.programs["ice-cream"]) {
  const location = (await api("GET", "/v1/locations")).locations[0].id;
  const uid = randomBytes(7).toString("hex").toUpperCase();
  const tag = await api("POST", "/v1/tags", { kind: "counter", location, program, uid });
  let n = 0;
  return { tap: () => tapped(tag, ++n), id: tag.id };
}

/** A customer with a card in the browser. */
async function customer(t, language = "en", options = {}) {
  const page = await open(t, { locale: language, ...options });
  await enrol(page, language);
  await drawnCode(page);
  page.token = new URL(page.url()).pathname.split("/")[2];
  return page;
}

const became = (page, state) => page.locator(`#tap[data-state="${state}"]`).waitFor({ timeout: 15_000 });

/** Keeps a picture, and holds it against WCAG. */
async function look(page, name) {
  if (kept) await page.screenshot({ path: join(pictures, `counter-${name}.png`), fullPage: true });
  assert.equal(await page.evaluate(() => document.documentElement.scrollWidth > innerWidth), false, `${name} is wider than the screen`);
  await check(page, name);
}

test("the chip makes what RFC 4493 and AN12196 say", () => {
  const key = Buffer.from("2b7e151628aed2a6abf7158809cf4f3c", "hex");
  assert.equal(cmac(key, Buffer.alloc(0)).toString("hex"), "bb1d6929e95937287fa37d129b756746");
  assert.equal(cmac(key, Buffer.from("6bc1bee22e409f96e93d7e117393172aae2d8a571e03ac9c9eb76fac45af8e5130c81c46a35ce411", "hex")).toString("hex"), "dfa66747de9ae63030ca32611497c827");
});

for (const [locale, size, colorScheme] of [["en", "phone", "light"], ["pl", "tablet", "dark"], ["ro", "desk", "light"]]) {
  test(`tapped, confirmed, and on the card: ${locale}`, async (t) => {
    const chip = await counter();
    const till = await paired(t, { locale, colorScheme, ...screens[size] });
    const page = await customer(t, locale);
    await page.goto(chip.tap());
    await became(page, "waiting");
    const row = till.locator("#waiting li");
    await row.waitFor();
    assert.match(await row.innerText(), /…\w{4}/);
    await page.locator("#left").getByText(/\d+/).waitFor();
    await look(page, `${locale}-waiting`);
    await look(till, `${locale}-till-${size}`);
    await row.locator("button.main").click();
    await became(page, "approved");
    await page.locator('.count[data-have="1"]').waitFor();
    await look(page, `${locale}-approved`);
    await till.locator("#waiting").waitFor({ state: "hidden" });
    assert.deepEqual([...page.complaints, ...till.complaints], []);
    if (locale !== "en") return;
    // Loaded again it is the same tap, and no second stamp.
    await page.reload();
    await became(page, "approved");
    await page.locator('.count[data-have="1"]').waitFor();
    // It can be taken back at the till.
    await till.locator(".last button").click();
    await on(till, "done");
  });
}

test("what a limit holds back a manager lifts there and then", async (t) => {
  const chip = await counter();
  await api("PATCH", "/v1/merchant", { limits: { card_earns_per_hour: 1 } });
  t.after(() => api("PATCH", "/v1/merchant", { limits: {} }));
  const till = await paired(t);
  const page = await customer(t);
  await page.goto(chip.tap());
  await till.locator("#waiting li button.main").click();
  await became(page, "approved");
  await page.goto(chip.tap());
  await till.locator("#waiting li button.main").click();
  await typePIN(till, "999999");
  await till.locator("#screen .wrong", { hasText: "The PIN is wrong." }).waitFor();
  await typePIN(till, demo.manager_pin);
  await became(page, "approved");
  await page.locator('.count[data-have="2"]').waitFor();
  await on(till, "scan");
  await till.locator("#waiting").waitFor({ state: "hidden" });
  await page.goto(chip.tap());
  await till.locator("#waiting li button.main").click();
  await on(till, "pin");
  await button(till, "Back").click();
  await on(till, "scan");
  await till.locator("#waiting li button").first().click();
  await became(page, "refused");
});

for (const [how, stream] of [
  ["is refused", (route) => route.fulfill({ status: 429, contentType: "application/problem+json", body: '{"code":"rate_limited"}' })],
  ["is kept back", () => {}], // by something on the way that waits for its end
]) {
  test(`where the stream ${how}, the till asks by itself`, async (t) => {
    const chip = await counter();
    const till = await paired(t, { before: (context) => context.route("**/v1/till/approvals", (route) => (
      route.request().headers().accept === "text/event-stream" ? stream(route) : route.continue())) });
    const page = await customer(t);
    await page.goto(chip.tap());
    await till.locator("#waiting li button.main").click();
    await became(page, "approved");
  });
}

test("refused at the till, and confirmed by nobody", async (t) => {
  const chip = await counter();
  const till = await paired(t);
  const page = await customer(t);
  await page.goto(chip.tap());
  await till.locator("#waiting li button").first().click();
  await became(page, "refused");
  await look(page, "refused");
  await page.goto(chip.tap());
  await became(page, "waiting");
  await page.locator('#tap[data-state="expired"]').waitFor({ timeout: 45_000 });
  await till.locator("#waiting").waitFor({ state: "hidden" });
  await look(page, "expired");
  assert.deepEqual(page.complaints, []);
});

test("a till that is locked says what to do first", async (t) => {
  const chip = await counter();
  const till = await paired(t);
  await till.locator("#top .chip").click();
  await till.locator(".people button").first().click();
  await typePIN(till, demo.cashier_pin);
  await on(till, "scan");
  await button(till, "Menu").click();
  await button(till, "Lock the till").click();
  await on(till, "staff");
  const page = await customer(t);
  await page.goto(chip.tap());
  await till.locator("#waiting li button.main").first().click();
  await till.getByText("Choose your name first, then confirm.").waitFor();
  await till.screenshot({ path: join(pictures, "till-phone-locked-counter.png") });
  await became(page, "waiting");
  await till.locator(".people button").first().click();
  await typePIN(till, demo.cashier_pin);
  await on(till, "scan");
  await till.locator("#waiting li button.main").first().click();
  await became(page, "approved");
  await till.locator("#waiting").waitFor({ state: "hidden" });
});

test("the first tap leads to a card, and back to the tap", async (t) => {
  const chip = await counter();
  const till = await paired(t);
  const page = await open(t, { locale: "en" });
  await page.goto(chip.tap());
  await page.locator("#none:visible").waitFor();
  await look(page, "none");
  await page.locator("#join").click();
  await page.locator("button.main").first().click();
  await became(page, "waiting");
  await till.locator("#waiting li button.main").click();
  await became(page, "approved");
  assert.deepEqual(page.complaints, []);
});

test("several cards: the customer chooses", async (t) => {
  const chip = await counter();
  const till = await paired(t);
  const page = await customer(t);
  await enrol(page, "en");
  await drawnCode(page);
  await page.goto(chip.tap());
  await became(page, "choosing");
  assert.equal(await page.locator("#choice button").count(), 2);
  await look(page, "choosing");
  await page.locator("#choice button").first().click();
  await became(page, "waiting");
  await till.locator("#waiting li button.main").click();
  await became(page, "approved");
});

test("what counts for nothing is told in words", async (t) => {
  const chip = await counter();
  const page = await customer(t);
  const used = chip.tap();
  await page.goto(used.slice(0, -1));
  await page.getByRole("heading", { name: "Tap again" }).waitFor();
  await look(page, "torn");
  await page.goto(`${demo.base_url}/t?k=n01&picc_data=EF963FF7828658A599F3041510671E88&cmac=94EED9EE65337086`);
  await page.getByRole("heading", { name: "This is somebody's card" }).waitFor();
  await page.goto(used);
  await became(page, "waiting");
  const other = await customer(t);
  await other.goto(used);
  await became(other, "no");
  assert.equal(await other.locator("#tap").getAttribute("data-code"), "credential_already_used");
  await look(other, "used");
  await other.context().setOffline(false);
  await api("POST", `/v1/tags/${chip.id}/revoke`, {});
  await other.goto(chip.tap());
  await other.getByRole("heading", { name: "This tag is out of use" }).waitFor();
});
