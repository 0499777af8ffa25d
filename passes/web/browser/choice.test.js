// What the customer wants to use, chosen on the card's page before the code is shown.
import assert from "node:assert/strict";
import { join } from "node:path";
import { after, before, test } from "node:test";

import { api, check, demo, drawnCode, enrol, kept, open, pictures, start, stop } from "./site.js";

before(start);
after(stop);

const rules = {
  name: "Points", kind: "points", earn: { by: "units" }, welcome: 120,
  rewards: [
    { name: "A bag of beans", cost: 80 },
    { name: "Money off for points", kind: "amount_off", currency: "EUR", flexible: { units: 1, per: 10, min: 300 } },
    { name: "Gift card", kind: "gift_card", amount: 2000, currency: "EUR", cost: 10 },
  ],
};

/** A page of a new card of the program, by way of its join page. */
async function joined(t, language, options, of = rules) {
  const program = (await api("POST", "/v1/programs", { rules: of })).id;
  demo.programs.wishes = program;
  const page = await open(t, options);
  await enrol(page, language, "wishes");
  return page;
}

const cardOf = (page) => page.locator("body").getAttribute("data-card");

async function look(page) {
  const { token } = await api("POST", `/v1/cards/${await cardOf(page)}/tokens`, {});
  return api("POST", "/v1/scans", { credential: token, channel: "camera" }, demo.till_token);
}

async function earns(page, earn) {
  const { token } = await api("POST", `/v1/cards/${await cardOf(page)}/tokens`, {});
  await api("POST", "/v1/scans", { credential: token, channel: "camera", earn }, demo.till_token);
}

const chosenAt = async (page) => (await look(page)).offers.find(({ chosen }) => chosen);

async function picture(page, name) {
  assert.equal(await page.evaluate(() => document.documentElement.scrollWidth > innerWidth), false, `${name} is wider than the screen`);
  if (kept) await page.screenshot({ path: join(pictures, `${name}.png`), fullPage: true });
}

for (const [language, part, all] of [["en", "€5", "All: €12"], ["pl", "5 €", "Wszystko: 12 €"], ["ro", "5 €", "Tot: 12 €"]]) {
  test(`a part of the points is chosen, changed and taken back: ${language}`, async (t) => {
    const page = await joined(t, language);
    await drawnCode(page);
    await check(page, "wishes");
    await picture(page, `wishes-${language}`);
    await page.locator("#wishes button", { hasText: part }).first().click();
    await page.locator("#chosen .wanted").waitFor();
    assert.equal((await chosenAt(page)).chosen.amount, 500);
    await drawnCode(page);
    await check(page, "chosen");
    await picture(page, `chosen-${language}`);
    await page.locator("#wishes button", { hasText: all }).click();
    await page.locator("#chosen .wanted", { hasText: "12" }).waitFor();
    assert.equal((await chosenAt(page)).chosen.amount, 1200);
    await page.locator("#chosen button").click();
    await page.locator("#chosen .wanted").waitFor({ state: "detached" });
    assert.equal(await chosenAt(page), undefined);
    assert.deepEqual(page.complaints, []);
  });
}

test("an amount is typed with the keyboard, and a wrong one is answered in words", async (t) => {
  const page = await joined(t, "en");
  const field = page.getByLabel("Another amount");
  await field.focus();
  await page.keyboard.type("13");
  await page.keyboard.press("Enter");
  await page.getByRole("heading", { name: "Please choose another amount" }).waitFor();
  await check(page, "wrong amount");
  await picture(page, "wish-wrong");
  await page.getByRole("link", { name: "Try again" }).click();
  await field.focus();
  await page.keyboard.type("4,50");
  await page.keyboard.press("Tab");
  assert.equal(await page.evaluate(() => document.activeElement.ariaLabel), "Choose: Money off for points");
  await page.keyboard.press("Enter");
  await page.getByText("Money off for points: €4.50").waitFor();
});

test("what a till has used disappears by itself", async (t) => {
  const page = await joined(t, "en");
  await drawnCode(page);
  await page.locator('html[data-live="yes"]').waitFor();
  await page.getByLabel("I want this: A bag of beans").click();
  await page.locator("#chosen .wanted", { hasText: "A bag of beans" }).waitFor();
  await page.locator('html[data-live="yes"]').waitFor();
  const { scan, offers } = await look(page);
  const { reward } = offers.find(({ chosen }) => chosen);
  await api("POST", "/v1/scans/redeem", { scan, reward }, demo.till_token);
  await page.locator("#chosen .wanted").waitFor({ state: "detached", timeout: 15_000 });
  assert.deepEqual(page.complaints, []);
});

test("what is chosen stays chosen while the card changes", async (t) => {
  const page = await joined(t, "en", {}, { ...rules, welcome: 0, rewards: [{ name: "A coffee", cost: 5 }, { name: "A bag of beans", cost: 8 }] });
  await drawnCode(page);
  await page.locator('html[data-live="yes"]').waitFor();
  await earns(page, { units: 5 });
  const coffee = page.getByLabel("I want this: A coffee");
  await coffee.waitFor();
  assert.match(await page.locator("#wishes").getAttribute("class"), /panel/, "what came later has no frame");
  await coffee.click();
  await page.locator("#chosen .wanted", { hasText: "A coffee" }).waitFor();
  for (const [units, now] of [[1, "6 points"], [1, "7 points"]]) {
    await page.locator('html[data-live="yes"]').waitFor();
    await earns(page, { units });
    await page.locator(".count", { hasText: now }).waitFor();
    assert.ok(await page.locator("#chosen .wanted").isVisible(), "it is chosen, and not told any more");
  }
});

// A phone shows the code without a touch, whatever there is to say of the card.
test("the code is on the first screen", async (t) => {
  const bottom = async (page) => {
    await drawnCode(page);
    const { y, height } = await page.locator("#screen").boundingBox();
    return y + height;
  };
  const rewards = Array.from({ length: 18 }, (_, i) => ({ name: `Wooden train for children ${i + 1}`, cost: i + 1 }));
  const tiers = {
    by: "spend", currency: "EUR", over: "year", fall: "step", keep_months: 12, rounding: "down",
    levels: [{ name: "Silver", from: 20_000, rate: 300, perks: ["Two hours of free parking"] }, { name: "Gold", from: 50_000 }],
  };
  const points = await joined(t, "en", {}, {
    ...rules, name: "Kundenkarte der Feinkosthandlung am Marktplatz", rewards, tiers, welcome: undefined, // which runs out by another clock
    earn: { by: "spend", units: 1, per: 100, currency: "EUR", rounding: "down" }, lots: { expires: "months", after: 1, remind_days: 60 },
  });
  await earns(points, { purchase: { ref: "first", total: 31_200, currency: "EUR" } });
  await points.goto(points.url().replace("&told=card.fresh", ""));
  assert.match(await points.locator("#standing .soon").innerText(), /^312 points run out on \d+ \w+ \d+$/);
  assert.equal(await points.getByText("Valid until").count(), 0, "it is said twice");
  assert.match(await points.locator("#standing").innerText(), /Status: Silver, until .+\n+3\s% off\nTwo hours of free parking\n+€188 more to Gold/);
  await picture(points, "first-points");
  const found = { points: await bottom(points) };
  for (const name of ["cafe", "restaurant", "coalition"]) {
    const page = await open(t);
    await enrol(page, "ro", name);
    found[`${name}, just opened`] = await bottom(page);
    await page.screenshot({ path: join(pictures, `first-${name}.png`) });
  }
  await points.getByLabel("I want this: Wooden train for children 1", { exact: true }).click();
  await points.locator("#chosen .wanted").waitFor();
  await points.goto(points.url().split("#")[0]);
  found.chosen = await bottom(points);
  await picture(points, "first-chosen");
  for (const [name, at] of Object.entries(found)) assert.ok(at <= 844, `${name}: the code ends at ${at}`);
});

test("a long catalogue is told once, and stays open while the card changes", async (t) => {
  const rewards = Array.from({ length: 18 }, (_, i) => ({ name: `Wooden train for children ${i + 1}`, cost: i + 1 }));
  const page = await joined(t, "en", {}, { ...rules, rewards });
  await drawnCode(page);
  await page.locator('html[data-live="yes"]').waitFor();
  await picture(page, "wishes-long");
  assert.equal(await page.locator("#wishes > ul > li").count(), 3);
  assert.equal((await page.locator("main").textContent()).match(/Wooden train for children 7/g).length, 1, "the catalogue is there twice");
  await page.locator("#wishes summary", { hasText: "15 more" }).click();
  const last = page.getByLabel("I want this: Wooden train for children 18");
  await last.waitFor();
  await earns(page, { units: 5 });
  await page.locator(".count", { hasText: "125" }).waitFor();
  await picture(page, "wishes-long-open");
  assert.ok(await last.isVisible(), "the list was folded up while it was read");
  await last.click();
  await page.locator("#chosen .wanted", { hasText: "Wooden train for children 18" }).waitFor();
});

test("it is chosen without JavaScript", async (t) => {
  const page = await joined(t, "en", { javaScriptEnabled: false });
  await page.locator("#wishes button", { hasText: "€5" }).first().click();
  await page.locator("#chosen .wanted", { hasText: "Money off for points: €5" }).waitFor();
  assert.equal((await chosenAt(page)).chosen.amount, 500);
});
