// Programs of discounts and tiers at the till, with the network and without it, in three
// languages. With SCREENSHOTS=folder every screen can be looked at.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { api, crash, demo, restart, start, stop } from "../../../passes/web/browser/site.js";
import { codeOf, first, gun, look, looker, newCard, on, opened, paired, prepared, reload, screens, show, stillCodeOf, typePIN } from "./desk.js";

before(start);
after(stop);

const words = {
  en: { percent: "5%", next: /€100\.00 more to 10%/, button: "Take 5% off €1,234.56", pay: /€61\.73 off, €1,172\.83 to pay/, now: "From now on 15%", offline: /needs the network/, why: "Why?", tier: /^Regular, until Dec 31, \d{4}$/ },
  pl: { percent: "5%", next: /100,00\s€/, button: /5%.*1234,56\s€/, pay: /61,73\s€.*1172,83\s€/, now: "Od teraz 15%", offline: /wymaga sieci/, why: "Dlaczego?", tier: /^Regular.*31 gru \d{4}/ },
  ro: { percent: "5 %", next: /100,00\sEUR/, button: /5\s%.*1\.234,56\sEUR/, pay: /61,73\sEUR.*1\.172,83\sEUR/, now: "De acum înainte 15 %", offline: /nevoie de rețea/, why: "De ce?", tier: /^Regular.*31 dec\. \d{4}/ },
};

const type = async (page, keys) => {
  for (const key of keys) await page.locator(".keys").getByRole("button", { name: key, exact: true }).click();
};

let bills = 0;

/** A regular of the restaurant: 400 euro were paid, which is 5 %, a tier and what it is good for. */
async function regular() {
  const card = await newCard("restaurant");
  const { scan } = await api("POST", "/v1/scans", { credential: await codeOf(card) }, demo.till_token);
  await api("POST", "/v1/scans/grant", { scan, purchase: { ref: `bill ${++bills}`, total: 41_237, currency: "EUR" } }, demo.till_token);
  return card;
}

/** A program whose tier takes 5 % off and gives half as many points again. */
const gold = async () => (await api("POST", "/v1/programs", {
  rules: {
    name: "Gold points", kind: "points", earn: { by: "spend", units: 1, per: 100, currency: "EUR", rounding: "down" },
    tiers: { by: "spend", currency: "EUR", over: "lifetime", rounding: "down", levels: [{ name: "Gold", from: 0, multiplier: 1500, rate: 500, perks: ["A free refill"] }] },
  },
})).id;

for (const [locale, ...looks] of [["en", ["phone", "light"], ["landscape", "dark"]], ["pl", ["phone", "dark"], ["desk", "light"]], ["ro", ["tablet", "light"]]]) {
  test(`discounts: ${locale}`, async () => {
    const says = words[locale];
    const page = await opened({ ...first(looks), locale });
    const seen = looker(page, looks, (size, colorScheme, name) => `discount-${size}-${colorScheme}-${locale}-${name}`);

    const friend = await regular();
    await show(page, await codeOf(friend));
    assert.equal((await page.locator(".percent").innerText()).replace(/\s/g, " "), says.percent);
    assert.match(await page.locator(".hero .missing").innerText(), says.next);
    assert.match(await page.locator(".tier").innerText(), says.tier);
    await page.getByText("A glass of the house wine").waitFor();
    assert.equal(await page.locator(".spend button.main").isDisabled(), true);
    await seen("01-card");
    await type(page, "123456");
    assert.match(await page.locator(".spend button.main").innerText(), new RegExp(says.button));
    await seen("02-amount");
    await page.locator(".spend button.main").click();
    await on(page, "done");
    assert.match(await page.locator(".what").innerText(), says.pay);
    assert.equal((await page.locator(".standing .count").innerText()).replace(/\s/g, " "), says.now);
    assert.equal(await page.locator(".percent").count(), 0, "the next rate is taken for the one that was given");
    await seen("03-done");
    await page.locator(".buttons button.main").first().click();
    await on(page, "scan");
    await show(page, await codeOf(friend));
    await page.getByText("A table by the window").waitFor(); // two lines of perks, and still no scrolling
    await type(page, "123456");
    await seen("03-friend");

    // Points with a tier: what earned how much, and its discount beside them.
    const card = (await api("POST", "/v1/cards", { program: await gold() })).id;
    await reload(page); // the till learns of the program
    await show(page, await codeOf(card));
    await type(page, "2000");
    await page.getByText(/ 30 /).waitFor(); // what the tier makes of 20
    await seen("04-points");
    await page.locator(".spend button.main").click();
    await on(page, "done");
    await page.getByText(says.why, { exact: true }).click();
    assert.match(await page.locator(".because").innerText(), /\+20\s.*\s\+10\s+Gold/);
    await seen("05-why");
    await page.locator(".buttons button.main").first().click();
    await on(page, "scan");
    await show(page, await codeOf(card));
    await page.locator(".hero .off", { hasText: says.percent.trim().slice(0, 1) }).click();
    await on(page, "grant");
    await type(page, "999");
    await seen("06-grant");
    await page.locator(".spend button.main").click();
    await on(page, "done");
    await seen("07-granted");
    assert.deepEqual(page.complaints, []);
  });
}

for (const [size, colorScheme, locale, says] of [["phone", "light", "en", /^Regular, until Dec 31, 2029$/], ["tablet", "dark", "pl", /^Regular, do 31 gru 2029$/], ["landscape", "light", "ro", /^Regular, până la 31 dec\. 2029$/]]) {
  test(`a tier in grace is told with the day when it falls: ${size}, ${colorScheme}, ${locale}`, async (t) => {
    const page = await paired(t, { ...screens[size], colorScheme, locale });
    await page.route("**/v1/scans", async (route) => { // as it comes when the tier's time is over
      const answer = await route.fetch(), scan = await answer.json();
      Object.assign(scan.card.tier, { until: new Date(Date.now() - 86_400_000).toISOString(), falls_at: "2029-12-31T20:00:00Z" });
      await route.fulfill({ response: answer, json: scan });
    });
    await show(page, await codeOf(await regular()));
    assert.match(await page.locator(".tier").innerText(), says);
    await look(page, `discount-${size}-${colorScheme}-${locale}-14-grace`);
  });
}

const back = {
  en: { off: "€30.00 off", give: "Refund €9.50", counts: "It then counts no more", done: "Give back €9.50" },
  pl: { off: "rabat 30,00", give: "9,50", counts: "przestanie się liczyć", done: "Oddaj 9,50" },
  ro: { off: "reducere 30,00", give: "9,50", counts: "nu va mai conta", done: "9,50" },
};

for (const [size, colorScheme, locale] of [["phone", "light", "en"], ["tablet", "dark", "pl"], ["landscape", "light", "ro"]]) {
  test(`a bill that a discount came off is refunded: ${size}, ${colorScheme}, ${locale}`, async () => {
    const says = back[locale];
    const page = await opened({ ...screens[size], colorScheme, locale });
    const seen = (name) => look(page, `discount-${size}-${colorScheme}-${locale}-${name}`);
    const card = await regular(), ref = `bill ${++bills}`;
    const { scan } = await api("POST", "/v1/scans", { credential: await codeOf(card) }, demo.till_token);
    const items = [["soup", 1_000], ["the feast", 59_000]].map(([sku, amount]) => ({ sku, quantity: 1000, unit: "piece", amount }));
    await api("POST", "/v1/scans/grant", { scan, purchase: { ref, total: 60_000, currency: "EUR", items } }, demo.till_token); // 30 euro off
    const spent = async () => (await api("GET", `/v1/cards/${card}`)).discount.spent;
    const before = await spent();

    await show(page, await codeOf(card));
    await page.locator(".ends button").first().click();
    await on(page, "purchases");
    assert.equal(await page.locator(".people button").count(), 2);
    assert.ok((await page.locator(".people button").first().innerText()).replaceAll("\u00a0", " ").includes(says.off));
    await seen("10-purchases");
    await page.locator(".people button").first().click();
    await on(page, "refund");
    await page.locator(".choices button").last().click();
    await page.locator(".lines button", { hasText: "soup" }).click();
    await page.locator(".actions > button.main", { hasText: says.give }).waitFor(); // 10 euro, less what came off
    await seen("11-lines");
    await page.locator(".actions > button.main").click();
    await on(page, "sure");
    await page.getByText(says.counts).waitFor();
    assert.equal(await page.locator(".takes").count(), 0);
    await seen("12-sure");
    await page.locator("#screen button.main").click();
    await typePIN(page, demo.cashier_pin);
    await on(page, "done");
    await page.locator(".what", { hasText: says.done }).waitFor();
    assert.equal(await page.locator(".who").count(), 0);
    await seen("13-refunded");
    assert.equal(await spent(), before - 950);

    // The rest, by the receipt: what was paid, and no more.
    await page.locator("#screen button.main").click();
    await on(page, "scan");
    await page.locator("#top .round").click();
    await page.locator(".body > button").first().click();
    await page.locator("#receipt").fill(ref);
    await page.keyboard.press("Enter");
    await typePIN(page, demo.cashier_pin);
    await on(page, "refund");
    await page.locator(".spend button.main").click(); // all that is left
    await on(page, "sure");
    await page.locator("#screen button.main").click();
    await typePIN(page, demo.cashier_pin);
    await on(page, "done");
    assert.equal(await spent(), before - 57_000);
    assert.deepEqual(page.complaints, []);
  });
}

for (const [size, colorScheme, locale] of [["phone", "light", "en"], ["tablet", "dark", "pl"], ["phone", "dark", "ro"]]) {
  test(`a discount needs the network: ${size}, ${colorScheme}, ${locale}`, async (t) => {
    const page = await paired(t, { ...screens[size], colorScheme, locale });
    await prepared(page);
    const card = await regular();
    const [live, still] = [await codeOf(card), await stillCodeOf(card)];
    await crash();
    try {
      for (const code of [live, still]) {
        await gun(page, code);
        await on(page, "card");
        await page.locator(".rewards li button", { hasText: "Restaurant card" }).click();
        assert.match(await page.locator(".notice").innerText(), words[locale].offline);
        assert.equal(await page.locator(".spend").count(), 0);
      }
      await look(page, `discount-${size}-${colorScheme}-${locale}-08-offline`);
      await page.locator(".actions button.quiet").last().click();
      await on(page, "scan");
    } finally {
      await restart();
    }
    // What was said holds: with the network back, it is taken off, of a photograph with a PIN.
    await page.locator(".offline").waitFor({ state: "hidden", timeout: 30_000 });
    await show(page, still);
    await type(page, "1000");
    await page.locator(".spend button.main").click();
    await typePIN(page, demo.cashier_pin);
    await on(page, "done");
    assert.equal((await api("GET", `/v1/cards/${card}`)).discount.spent, 40_000 + 950);
  });
}

test("whom a card is no longer for: the till says so, before anybody types a bill", async () => {
  const program = (await api("POST", "/v1/programs", {
    rules: {
      name: "For parents", kind: "discount", only: { tags: ["parents"] }, earn: {},
      discount: { over: "lifetime", currency: "EUR", rounding: "half_up", steps: [{ from: 0, rate: 1000 }] },
    },
  })).id;
  const member = (await api("POST", "/v1/members", { email: "parent@mail.example" })).id;
  const tags = (...list) => api("PUT", `/v1/members/${member}/tags`, { tags: list });
  await tags("parents");
  const card = (await api("POST", "/v1/cards", { program, member })).id;
  for (const [locale, says] of [["en", /for certain people only/], ["pl", /tylko/], ["ro", /doar/]]) {
    await tags("parents");
    const page = await opened({ locale });
    await show(page, await codeOf(card));
    await page.locator(".spend").waitFor();
    await tags();
    await reload(page);
    await show(page, await codeOf(card));
    assert.match(await page.locator(".actions .why").innerText(), says);
    assert.equal(await page.locator(".percent, .spend").count(), 0);
    await look(page, `discount-excluded-${locale}`);
  }
});
