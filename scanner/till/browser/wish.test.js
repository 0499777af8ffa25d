// What the customer chose before showing the code: the till opens with it.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { api, demo, start, stop } from "../../../passes/web/browser/site.js";
import { balance, button, codeOf, fullCard, gun, look, on, opened, paired, screens, show } from "./desk.js";

before(start);
after(stop);

const rules = {
  name: "Points", kind: "points", earn: { by: "spend", units: 1, per: 100, currency: "EUR", rounding: "down" }, welcome: 120,
  rewards: [
    { name: "A bag of beans", cost: 80 },
    { name: "Money off for points", kind: "amount_off", currency: "EUR", flexible: { units: 1, per: 10, min: 300 } },
    { name: "Gift card", kind: "gift_card", amount: 2000, currency: "EUR", cost: 10 },
  ],
};

/** A card of the program, its rewards by name, and what chooses for its holder. */
async function held() {
  const program = await api("POST", "/v1/programs", { rules });
  const card = (await api("POST", "/v1/cards", { program: program.id })).id;
  const [beans, money, gift] = program.rewards.map(({ id }) => id);
  return { card, beans, money, gift, choose: (body) => api("PUT", `/v1/cards/${card}/choice`, body) };
}

/** Scans a card on which something was chosen. */
async function wished(page, card) {
  await gun(page, await codeOf(card));
  await on(page, "wish");
}

const type = async (page, keys) => { for (const key of keys) await page.locator(".keys").getByRole("button", { name: key, exact: true }).click(); };

test("what was chosen is handed out with one press", async () => {
  const { card, beans, choose } = await held();
  await choose({ reward: beans });
  const page = await opened(screens.tablet);
  await wished(page, card);
  await page.getByRole("heading", { name: "The customer wants" }).waitFor();
  await look(page, "wish-item");
  await button(page, "Yes, hand it out").click();
  await on(page, "done");
  assert.equal(await balance(card), 40);
  assert.equal((await api("GET", `/v1/cards/${card}`)).choice, undefined);
  assert.deepEqual(page.complaints, []);
});

test("an amount off the bill is filled in, and the cashier may type another", async () => {
  const { card, money, choose } = await held();
  await choose({ reward: money, amount: 500 });
  const page = await opened();
  await wished(page, card);
  await page.locator(".wish").getByText("Money off for points: €5.00").waitFor();
  await page.locator(".wish").getByText("costs 50 points").waitFor();
  await look(page, "wish-bill");
  await button(page, "Type the amount of the bill").click();
  await on(page, "worth");
  await type(page, ["1", "2", "00"]);
  await button(page, "Use it for €12.00").click();
  await button(page, "Take €5.00 off").waitFor();
  await look(page, "wish-filled");
  await button(page, "Take €5.00 off").click();
  await on(page, "done");
  await page.getByText("€7.00 to pay").waitFor();
  assert.equal(await balance(card), 70);

  await choose({ reward: money, amount: 500 });
  await wished(page, card);
  await button(page, "Type the amount of the bill").click();
  await type(page, ["1", "2", "00"]);
  await button(page, "Use it for €12.00").click();
  await type(page, ["4", "00"]);
  await button(page, "Take €4.00 off").click();
  await on(page, "done");
  assert.equal(await balance(card), 30);
  assert.equal((await api("GET", `/v1/cards/${card}`)).choice, undefined);
  assert.deepEqual(page.complaints, []);
});

test("the cashier goes on with something else, and earning comes back to what was chosen", async () => {
  const { card, beans, choose } = await held();
  await choose({ reward: beans });
  const page = await opened(screens.landscape);
  await wished(page, card);
  await look(page, "wish-landscape");
  await button(page, "Something else").click();
  await on(page, "card");
  await type(page, ["9", "00"]);
  await button(page, "Add for €9.00").click();
  await on(page, "done");
  await button(page, "Go on with this card").click();
  await on(page, "wish");
  await button(page, "Yes, hand it out").click();
  await on(page, "done");
  assert.equal(await balance(card), 49);
});

test("a part of a gift card is used with one press; what has ended is not shown", async () => {
  const { card, gift, choose } = await held();
  const page = await opened({ locale: "pl" });
  await show(page, await codeOf(card));
  assert.equal(await page.locator(".wish").count(), 0);
  await page.locator(".rewards li button").filter({ hasText: "Gift card" }).click();
  await page.locator("button.main").click();
  await on(page, "done");
  const [{ id: voucher }] = (await api("GET", `/v1/cards/${card}`)).vouchers;
  await choose({ voucher, amount: 750 });
  await wished(page, card);
  await page.getByRole("heading", { name: "Klient chce" }).waitFor();
  await look(page, "wish-gift-pl");
  await page.locator(".wish button.main").click();
  await on(page, "done");
  assert.equal((await api("GET", `/v1/cards/${card}`)).vouchers[0].left, 1250);
  await choose({ reward: gift });
  await wished(page, card);
  await page.locator(".wish .notice", { hasText: "20,00" }).waitFor(); // what is bought, before it is
  await look(page, "wish-buy-pl");
  await api("DELETE", `/v1/cards/${card}/choice`);
  await show(page, await codeOf(card));
  assert.equal(await page.locator(".wish").count(), 0);
  assert.deepEqual(page.complaints, []);
});

for (const [size, locale, bought, earned] of [
  ["phone", "en", /on the gift card · bought · until \w+ \d+, \d{4}$/, /^earned · until \w+ \d+, \d{4}$/],
  ["tablet", "pl", /kupiona · do \d+ \S+ \d{4}$/, /^zdobyta · do \d+ \S+ \d{4}$/],
  ["phone", "ro", /cumpărat · până la \d+ \S+ \d{4}$/, /^câștigată · până la \d+ \S+ \d{4}$/],
]) {
  test(`a gift card is bought, a full card's reward is earned, and both say until when: ${size}, ${locale}`, async (t) => {
    const page = await paired(t, { ...screens[size], locale });
    const told = async (reward) => (await page.locator(".rewards li > button:first-child", { hasText: reward }).first().locator("span").innerText()).replaceAll(/\s/g, " ");
    const program = await api("POST", "/v1/programs", { rules: { ...rules, rewards: rules.rewards.map((one) => (one.kind === "gift_card" ? { ...one, valid_days: 365 } : one)) } });
    const gifted = (await api("POST", "/v1/cards", { program: program.id })).id;
    const { scan } = await api("POST", "/v1/scans", { credential: await codeOf(gifted) }, demo.till_token);
    await api("POST", "/v1/scans/redeem", { scan, reward: program.rewards[2].id }, demo.till_token);
    await show(page, await codeOf(gifted));
    assert.match(await told("Gift card"), bought);
    await look(page, `wish-bought-${size}-${locale}`);

    const stamps = await api("POST", "/v1/programs", { rules: { name: "Stamps", kind: "stamps", card_size: 2, card_reward: "A cone", rewards: [{ name: "A cone", valid_days: 30 }], earn: { by: "visit", per_visit: 1 } } });
    const full = (await api("POST", "/v1/cards", { program: stamps.id })).id;
    await api("POST", `/v1/cards/${full}/adjustments`, { units: 2 });
    await show(page, await codeOf(full));
    assert.match(await told("A cone"), earned);
    await look(page, `wish-earned-${size}-${locale}`);
    assert.deepEqual(page.complaints, []);
  });
}

for (const [size, locale, words] of [["phone", "en", "is not chosen any more"], ["tablet", "pl", "Wybór klienta przepadł"], ["phone", "ro", "Alegerea clientului s-a pierdut"]]) {
  test(`what was chosen is gone when it is taken back, and that is said: ${size}, ${locale}`, async (t) => {
    const { card, beans, choose } = await held();
    await choose({ reward: beans });
    const page = await paired(t, { ...screens[size], locale });
    await wished(page, card);
    await page.locator(".wish button.main").click();
    await on(page, "done");
    await page.locator(".answer .buttons button").last().click();
    await page.getByText(words).waitFor();
    assert.equal(await balance(card), 120);
    assert.equal((await api("GET", `/v1/cards/${card}`)).choice, undefined);
    await look(page, `wish-undone-${size}-${locale}`);
    await show(page, await codeOf(card));
    assert.deepEqual(page.complaints, []);
  });
}

for (const [size, locale] of [["phone", "en"], ["landscape", "ro"]]) {
  test(`of a gift card without an amount the cashier types how much: ${size}, ${locale}`, async () => {
    const { card, gift, choose } = await held();
    const { scan } = await api("POST", "/v1/scans", { credential: await codeOf(card) }, demo.till_token);
    const [{ id: voucher }] = (await api("POST", "/v1/scans/redeem", { scan, reward: gift }, demo.till_token)).card.vouchers;
    const left = async () => (await api("GET", `/v1/cards/${card}`)).vouchers[0].left;
    await choose({ voucher });
    const page = await opened({ ...screens[size], locale });
    await wished(page, card);
    const how = page.locator(".wish button.main");
    assert.equal(await how.innerText(), { en: "Type how much", ro: "Scrie cât" }[locale]);
    await look(page, `wish-open-${size}-${locale}`);
    await how.click();
    await on(page, "worth");
    assert.equal(await left(), 2000);
    await type(page, ["7", "00"]);
    await page.locator(".spend button.main").click();
    await on(page, "done");
    assert.equal(await left(), 1300);
    assert.deepEqual(page.complaints, []);
  });
}

for (const [size, colorScheme] of [["phone", "light"], ["landscape", "dark"]]) {
  test(`what was chosen and is held at a till says so at another: ${size}, ${colorScheme}`, async (t) => {
    const { card, voucher } = await fullCard();
    await api("PUT", `/v1/cards/${card}/choice`, { voucher });
    const page = await opened({ ...screens[size], colorScheme });
    const other = await paired(t, { ...screens[size], colorScheme });
    await wished(page, card);
    await page.locator(".wish .hold").click();
    await page.locator('.wish .hold[data-held="here"]').waitFor();
    await look(page, `wish-held-${size}-${colorScheme}-here`);
    await wished(other, card);
    await other.locator('.wish .hold[data-held="somewhere"]').waitFor();
    await other.locator(".wish .held", { hasText: /Held at another till for [1-6]?\d\s?s/ }).waitFor();
    assert.equal(await button(other, "Yes, hand it out").isDisabled(), true, "what would be refused can be pressed");
    await look(other, `wish-held-${size}-${colorScheme}-elsewhere`);
    await button(page, "Yes, hand it out").click();
    await on(page, "done");
    assert.deepEqual([...page.complaints, ...other.complaints], []);
  });
}
