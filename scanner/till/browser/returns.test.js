// Something comes back: found by the card or by the receipt, told before it is done,
// and taken off the card once. With SCREENSHOTS=folder every screen can be looked at.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { api, crash, demo, restart, start, stop } from "../../../passes/web/browser/site.js";
import { balance, button, codeOf, first, gun, look, looker, newCard, on, opened, paired, screens, show, typePIN } from "./desk.js";

before(start);
after(stop);

const type = async (page, keys) => {
  for (const key of keys) await page.locator(".keys").getByRole("button", { name: key, exact: true }).click();
};

let receipts = 0;

/** A purchase of bread and wine that a card was credited for, at a till of the same shop: its receipt. */
async function buys(card, lines = [["bread", 400], ["wine", 600]]) {
  const items = lines.map(([sku, amount]) => ({ sku, quantity: 1000, unit: "piece", amount }));
  const total = lines.reduce((sum, [, amount]) => sum + amount, 0);
  const ref = `2026-11/${String(++receipts).padStart(4, "0")}`;
  await api("POST", "/v1/scans", { credential: await codeOf(card), earn: { purchase: { ref, total, currency: "EUR", items } } }, demo.till_token);
  return ref;
}

/** Points by spend, one for 10 cents. */
const points = async (more = {}) => (await api("POST", "/v1/programs", { rules: {
  name: "Corner market", kind: "points", earn: { by: "spend", units: 1, per: 10, currency: "EUR", rounding: "down" },
  rewards: [{ name: "A tote bag", cost: 50 }], ...more,
} })).id;

const cardOf = async (program) => (await api("POST", "/v1/cards", { program })).id;

/** Opens a till that knows of all programs. */
const till = (options = {}) => opened({ ...screens.tall, ...options });

/** Opens what a card has bought. */
async function bought(page, card) {
  await show(page, await codeOf(card));
  await page.locator(".ends button").first().click();
  await on(page, "purchases");
}

const says = {
  en: { takes: "−60 points", gone: /came back already/, done: "Refunded", give: /Give back €6\.00/ },
  pl: { takes: "−60 punktów", gone: /już zwrócono/, done: "Zwrócono", give: /Oddaj 6,00\s€/ },
  ro: { takes: "−60 de puncte", gone: /deja returnat/, done: "Returnat", give: /6,00\sEUR/ },
};

for (const [locale, ...looks] of [
  ["en", ["tall", "light"], ["wide", "light"]], ["pl", ["phone", "dark"], ["wide", "dark"]], ["ro", ["tablet", "light"], ["tall", "dark"]],
]) {
  test(`a bottle comes back, then the rest: ${locale}`, async () => {
    const words = says[locale];
    const card = await cardOf(await points());
    const page = await till({ ...first(looks), locale });
    const seen = looker(page, looks, (size, colorScheme, name) => `return-${size}-${colorScheme}-${locale}-${name}`);
    const older = await buys(card, [["bread", 400]]);
    const ref = await buys(card);
    await show(page, await codeOf(card));
    await seen("01-card");
    await page.locator(".ends button").first().click();
    await on(page, "purchases");
    assert.equal(await page.locator(".people button").count(), 2);
    await seen("02-purchases");
    await page.locator(".people button").first().click();
    await on(page, "refund");
    await page.locator(".hero", { hasText: ref }).waitFor();
    await type(page, "5");
    await seen("03-amount");
    await page.locator(".choices button").last().click();
    await seen("04-lines");
    await page.locator(".lines button", { hasText: "wine" }).click();
    assert.equal(await page.locator(".lines button[aria-pressed='true']").count(), 1);
    await seen("05-chosen");
    await page.locator(".actions > button.main").click();
    await on(page, "sure");
    assert.equal(await page.locator(".takes").innerText(), words.takes);
    await seen("06-sure");
    assert.equal(await balance(card), 140, "told only, and booked already");
    await page.locator("#screen button.main").click();
    await typePIN(page, demo.cashier_pin);
    await on(page, "done");
    await page.getByRole("heading", { name: words.done }).waitFor();
    assert.match(await page.locator(".what").innerText(), words.give);
    assert.equal(await page.locator(".who").innerText(), words.takes);
    await page.getByText(ref).waitFor();
    await seen("07-done");
    assert.equal(await balance(card), 80);
    await page.locator("#screen button.main").click();
    await on(page, "scan");
    assert.equal(await page.locator(".last").count(), 0, "a refund can be undone");

    // The rest: what came back before is known, and cannot come back again.
    await bought(page, card);
    await page.locator(".people button").first().click();
    await page.locator(".choices button").last().click();
    const wine = page.locator(".lines button", { hasText: "wine" });
    assert.equal(await wine.isDisabled(), true);
    assert.match(await wine.innerText(), words.gone);
    await seen("08-again");
    await page.locator(".choices button").first().click();
    await page.locator(".spend button.main").click(); // all that is left
    await on(page, "sure");
    await page.locator("#screen button.main").click();
    await typePIN(page, demo.cashier_pin);
    await on(page, "done");
    assert.equal(await balance(card), 40);
    await page.locator("#screen button.main").click();
    await bought(page, card);
    assert.deepEqual(await page.locator(".people button").evaluateAll((all) => all.map((one) => one.disabled)), [true, false]);
    await seen("09-all");
    await page.locator(".people button").last().click();
    await page.locator(".hero", { hasText: older }).waitFor();
    assert.deepEqual(page.complaints, []);
  });
}

for (const [size, locale] of [["tall", "en"], ["wide", "ro"], ["phone", "pl"]]) {
  test(`a purchase is found by its receipt, scanned or typed: ${size}, ${locale}`, async () => {
    const card = await cardOf(await points());
    const ref = await buys(card);
    const page = await till({ ...screens[size], locale });
    await page.locator("#top .round").click();
    await page.locator(".body > button").first().click();
    await on(page, "receipt");
    await look(page, `return-${size}-${locale}-10-receipt`);
    await page.locator("#screen button.main").click();
    await page.locator("#wrong").waitFor();
    await page.locator("#receipt").fill("0815");
    await page.keyboard.press("Enter");
    await on(page, "pin");
    await look(page, `return-${size}-${locale}-12-pin`);
    await typePIN(page, "999999");
    await page.locator("#screen .wrong:not(:empty)").waitFor();
    await page.getByText("0815").waitFor();
    await typePIN(page, demo.cashier_pin);
    await page.locator(".notice").waitFor();
    await look(page, `return-${size}-${locale}-11-nothing`);
    await page.locator("#receipt").fill("");
    await gun(page, ref);
    await on(page, "pin");
    await typePIN(page, demo.cashier_pin);
    await on(page, "refund");
    await page.locator(".hero", { hasText: ref }).waitFor();
    await page.locator(".actions > .quiet").click();
    await on(page, "receipt");
    await gun(page, await codeOf(card)); // the card instead
    await on(page, "card");
    assert.deepEqual(page.complaints, []);
  });
}

test("receipts are looked up as customers are: a till that did too much of it waits", async () => {
  const page = await till();
  await page.route("**/v1/scans/purchases", (route) => route.fulfill({
    status: 429, contentType: "application/problem+json", json: { type: "about:blank", status: 429, code: "rate_limited", title: "Too many", retry_at: new Date(Date.now() + 60_000).toISOString() },
  }));
  await page.locator("#top .round").click();
  await page.locator(".body > button").first().click();
  await page.locator("#receipt").fill("0815");
  await page.keyboard.press("Enter");
  await typePIN(page, demo.cashier_pin);
  await on(page, "refused");
  await page.getByText("Too many customers and receipts were looked up here.").waitFor();
});

test("a long receipt: what to press stays in view", async () => {
  const card = await cardOf(await points());
  const page = await till();
  await buys(card, Array.from({ length: 25 }, (_, i) => [`article ${i + 1} with a long name as registers print it`, 100 + i]));
  await bought(page, card);
  await page.locator(".people button").first().click();
  await page.locator(".choices button").last().click();
  for (const n of [0, 24]) await page.locator(".lines button").nth(n).click();
  await button(page, "Refund €2.24").waitFor();
  await look(page, "return-long");
});

test("the card has too little: only what is there is taken back, and that is told before", async () => {
  const card = await cardOf(await points());
  const page = await till();
  await buys(card);
  await api("POST", `/v1/cards/${card}/adjustments`, { units: -93 });
  await bought(page, card);
  await page.locator(".people button").first().click();
  await page.locator(".spend button.main").click();
  await on(page, "sure");
  assert.equal(await page.locator(".takes").innerText(), "−7 points");
  await page.getByText("only what is there is taken back").waitFor();
  await page.getByText("On the card then: 0 points").waitFor();
  await look(page, "return-short");
  await page.locator("#screen button.main").click();
  await typePIN(page, demo.cashier_pin);
  await on(page, "done");
  assert.equal(await balance(card), 0);
});

for (const [size, options, locale, words] of [
  ["phone", screens.phone, "en", { nothing: "Nothing comes off the card", empty: "nothing left on the card", note: "nobody refunds it twice" }],
  ["tablet", screens.wide, "pl", { nothing: "Z karty nic nie zniknie", empty: "nie zostało nic, co można cofnąć", note: "nikt nie zwróci go drugi raz" }],
  ["phone", screens.tall, "ro", { nothing: "De pe card nu se ia nimic", empty: "nu a mai rămas nimic de luat înapoi", note: "nimeni nu îl face a doua oară" }],
]) {
  test(`a refund that takes nothing back says so, and what it is good for: ${size}, ${locale}`, async (t) => {
    const program = await points();
    const [full, empty] = [await cardOf(program), await cardOf(program)];
    const page = await till({ ...options, locale });
    for (const card of [full, empty]) await buys(card);
    await api("POST", `/v1/cards/${empty}/adjustments`, { units: -100 });

    const takesNothing = async (name) => {
      await on(page, "sure");
      assert.equal(await page.locator(".gift").innerText(), words.nothing);
      await page.getByText(words.note).waitFor();
      await look(page, `return-${size}-${locale}-${name}`);
    };
    await bought(page, full);
    await page.locator(".people button").first().click();
    await type(page, "5"); // half of what one point was for
    await page.locator(".spend button.main").click();
    await takesNothing("13-little");
    assert.equal(await page.getByText(words.empty).count(), 0);
    await page.locator("#screen button").last().click();
    await page.locator(".actions > .quiet").click();

    await bought(page, empty);
    await page.locator(".people button").first().click();
    await page.locator(".spend button.main").click();
    await takesNothing("14-empty");
    await page.getByText(words.empty).waitFor();
    await page.locator("#screen button.main").click();
    await typePIN(page, demo.cashier_pin);
    await on(page, "done");
    assert.equal(await balance(empty), 0);
    await page.locator("#screen button.main").click();
    await bought(page, empty);
    assert.equal(await page.locator(".people button").isDisabled(), true, "it can be refunded twice");
    assert.deepEqual(page.complaints, []);
  });
}

for (const [size, options, locale, words] of [
  ["phone", screens.phone, "en", { also: "Still on this receipt: €0.50 off", go: "Refund that, too", filled: "€4.75", give: "Give back €4.75", once: "goes back once", points: "Still on this receipt: +95 points", rest: "€4.75" }],
  ["tablet", screens.wide, "pl", { also: "Na tym paragonie jest jeszcze: rabat 0,50 €", go: "Zwróć i to", filled: "4,75 €", give: "Oddaj 4,75 €", once: "oddaje się raz", points: "jest jeszcze: +95 punktów", rest: "4,75 €" }],
  ["upright", screens.tablet, "ro", { also: "Pe acest bon mai este: reducere 0,50 EUR", go: "Returnează și asta", filled: "4,75 EUR", give: "4,75 EUR", once: "o singură dată", points: "mai este: +95 de puncte", rest: "4,75 EUR" }],
]) {
  test(`what else is on the receipt is refunded next: ${size}, ${locale}`, async (t) => {
    const tiers = { by: "spend", currency: "EUR", over: "lifetime", rounding: "down", levels: [{ name: "Gold", from: 0, rate: 500 }] };
    const card = await cardOf(await points({ tiers }));
    const page = await till({ ...options, locale });
    const seen = (name) => look(page, `return-${size}-${locale}-${name}`);
    const purchase = { ref: `beside/${++receipts}`, total: 1000, currency: "EUR" };
    const { scan } = await api("POST", "/v1/scans", { credential: await codeOf(card) }, demo.till_token);
    await api("POST", "/v1/scans/grant", { scan, purchase }, demo.till_token);
    await api("POST", "/v1/scans/earn", { scan, purchase: { ...purchase, paid_with_reward: 50 } }, demo.till_token);
    const said = async (where) => (await page.locator(where).innerText()).replaceAll("\u00a0", " ");
    const refunds = async () => {
      await on(page, "sure");
      await page.locator("#screen button.main").click();
      await typePIN(page, demo.cashier_pin);
      await on(page, "done");
    };

    // Half of what earned; then the till leads to the half of what the discount came off.
    await bought(page, card);
    await page.locator(".people button").first().click();
    await type(page, ["4", "7", "5"]);
    await page.locator(".spend button.main").click();
    await refunds();
    assert.ok((await said(".what")).includes(words.give));
    assert.equal(await said(".answer .ready"), words.also);
    await seen("15-also");
    await button(page, words.go).click();
    await on(page, "refund");
    assert.equal(await said(".spend .amount"), words.filled);
    await seen("16-filled");
    await page.locator(".actions > .quiet").click();
    await button(page, words.go).click();
    await page.locator(".spend button.main").click();
    await on(page, "sure");
    await page.getByText(words.once).waitFor();
    await seen("17-once");
    await refunds();
    assert.equal(await page.locator(".what, .answer .ready").count(), 0, "the money is given back twice, or the receipt has no end");
    assert.equal(await balance(card), 48);

    // The rest, from its other end: all of the one leads to all of the other.
    await page.locator("#screen button.main").click();
    await bought(page, card);
    await page.locator(".people button").last().click();
    await page.locator(".spend button.main").click();
    await refunds();
    assert.ok((await said(".answer .ready")).includes(words.points));
    await button(page, words.go).click();
    assert.ok((await said(".spend button.main")).includes(words.rest));
    await page.locator(".spend button.main").click();
    await refunds();
    assert.equal(await balance(card), 0);
    await page.locator("#screen button.main").click();
    await bought(page, card);
    assert.deepEqual(await page.locator(".people button").evaluateAll((all) => all.map((one) => one.disabled)), [true, true]);
    assert.deepEqual(page.complaints, []);
  });
}

test("a receipt that two cards were credited for is refunded on both", async (t) => {
  const [one, other] = [await cardOf(await points()), await cardOf(await points())];
  const page = await till();
  const purchase = { ref: `both/${++receipts}`, total: 1000, currency: "EUR" };
  for (const card of [one, other]) await api("POST", "/v1/scans", { credential: await codeOf(card), earn: { purchase } }, demo.till_token);
  await page.locator("#top .round").click();
  await page.locator(".body > button").first().click();
  await page.locator("#receipt").fill(purchase.ref);
  await page.keyboard.press("Enter");
  await typePIN(page, demo.cashier_pin);
  await on(page, "purchases");
  await page.locator(".people button").first().click();
  for (const card of [other, one]) {
    await page.locator(".spend button.main").click();
    await on(page, "sure");
    await page.locator("#screen button.main").click();
    await typePIN(page, demo.cashier_pin);
    await on(page, "done");
    assert.equal(await balance(card), 0);
    if (card === one) break;
    await page.locator(".answer .ready", { hasText: `+100 points · Card …${one.slice(-4).toUpperCase()}` }).waitFor();
    await button(page, "Refund that, too").click();
    await on(page, "refund");
  }
  assert.equal(await page.locator(".answer .ready").count(), 0);
});

test("the same number at another shop is another receipt", async (t) => {
  const card = await cardOf(await points());
  const page = await till();
  const location = (await api("POST", "/v1/locations", { name: "Harbour", zone: "Europe/Rome" })).id;
  const { pairing } = await api("POST", "/v1/tills", { name: "Harbour till", location });
  const { token } = await api("POST", "/v1/pairings", { code: pairing.code });
  const purchase = { ref: `same/${++receipts}`, total: 1000, currency: "EUR" };
  for (const at of [token, demo.till_token]) await api("POST", "/v1/scans", { credential: await codeOf(card), earn: { purchase } }, at);
  await bought(page, card);
  assert.equal(await page.locator(".people button").count(), 2);
  await page.locator(".people button").first().click();
  await page.locator(".spend button.main").click();
  await on(page, "sure");
  await page.locator("#screen button.main").click();
  await typePIN(page, demo.cashier_pin);
  await on(page, "done");
  assert.equal(await balance(card), 100);
  assert.equal(await page.locator(".answer .ready").count(), 0, "another shop's purchase is offered");
});

test("a card that may owe goes below zero, and stamps take their reward along", async () => {
  const owing = await cardOf(await points({ allow_negative: true }));
  const { rules } = (await api("GET", "/v1/templates")).templates.find((one) => one.name === "ice-cream");
  const full = await cardOf((await api("POST", "/v1/programs", { rules })).id);
  const page = await till();
  await buys(owing);
  await api("POST", `/v1/cards/${owing}/adjustments`, { units: -98 });
  await api("POST", "/v1/scans", { credential: await codeOf(full), pin: demo.manager_pin, earn: { units: 10, purchase: { ref: "cones", total: 3000, currency: "EUR" } } }, demo.till_token);
  await bought(page, owing);
  await page.locator(".people button").first().click();
  await page.locator(".spend button.main").click();
  await on(page, "sure");
  await page.getByText("On the card then: −98 points").waitFor();
  await look(page, "return-owes");
  await page.locator("#screen button").last().click();
  await on(page, "refund");
  await page.locator(".actions > .quiet").click();
  await on(page, "purchases");
  await bought(page, full);
  await page.locator(".people button").first().click();
  await type(page, ["1", "0", "00"]);
  await button(page, "Refund €10.00").click();
  await on(page, "sure");
  assert.equal(await page.locator(".takes").innerText(), "−3 stamps");
  await page.getByText("On the card then: 7 stamps").waitFor();
  await page.getByText("1 reward that was earned with it is taken off the card, too.").waitFor();
  await look(page, "return-stamps");
});

test("no more than was paid, and nothing twice", async () => {
  const card = await cardOf(await points());
  const page = await till();
  const ref = await buys(card);
  await bought(page, card);
  await page.locator(".people button").first().click();
  await type(page, ["1", "0", "0", "1"]);
  await page.getByText("No more than €10.00 can be refunded.").waitFor();
  await button(page, "Refund €10.01").click();
  await page.keyboard.press("Tab");
  assert.equal(await page.locator("body").getAttribute("data-screen"), "refund");
  await page.locator(".keys button").last().click();
  await button(page, "Refund €1.00").click();
  await on(page, "sure");
  // Meanwhile somebody else has refunded it.
  const { purchases: [{ entry }] } = await api("POST", "/v1/scans/purchases", { ref, pin: demo.cashier_pin }, demo.till_token);
  await api("POST", `/v1/entries/${entry}/refund`, {});
  await page.locator("#screen button.main").click();
  await typePIN(page, "999999");
  await page.locator("#screen .wrong", { hasText: "The PIN is wrong." }).waitFor();
  await typePIN(page, demo.cashier_pin);
  await on(page, "refused");
  assert.equal(await page.locator(".why").innerText(), "All of this purchase was refunded already.");
  await look(page, "return-refused");
  assert.equal(await balance(card), 0);
});

test("an answer that is lost is asked for again, and the refund counts once", async () => {
  const card = await cardOf(await points());
  const page = await till();
  await buys(card);
  await bought(page, card);
  await page.locator(".people button").first().click();
  await page.locator(".spend button.main").click();
  await on(page, "sure");
  const keys = [];
  let lose = true;
  await page.route("**/v1/entries/*/refund", async (route) => {
    keys.push(route.request().headers()["idempotency-key"]);
    if (!lose) return route.continue();
    await route.fetch(); // it happens, but nobody hears of it
    return route.abort();
  });
  await page.locator("#screen button.main").click();
  await typePIN(page, demo.cashier_pin);
  await button(page, "Try now").waitFor();
  assert.equal(await balance(card), 0);
  lose = false;
  await on(page, "done");
  await page.getByRole("heading", { name: "Refunded" }).waitFor();
  assert.equal(new Set(keys).size, 1);
  assert.ok(keys.length > 1);
  const { entries } = await api("GET", `/v1/cards/${card}/entries`);
  assert.equal(entries.filter(({ kind }) => kind === "refund").length, 1);
});

test("without the network the till says that refunds need it", async (t) => {
  const card = await cardOf(await points());
  const page = await paired(t, screens.tall);
  const ref = await buys(card);
  await show(page, await codeOf(card));
  await crash();
  try {
    await page.locator(".ends button").first().click();
    await on(page, "purchases");
    await page.getByText("Refunds need the network").waitFor();
    await look(page, "return-offline-card");
    await page.locator("#top .round").click();
    await page.locator(".body > button").first().click();
    await on(page, "receipt");
    await page.getByText("Refunds need the network").waitFor();
    await page.locator("#receipt").fill(ref);
    await page.locator("#screen button.main").click(); // an Enter this soon after a gun's is the gun's
    await on(page, "pin");
    await typePIN(page, demo.cashier_pin);
    await on(page, "receipt");
    await page.locator("#wrong").waitFor();
    await look(page, "return-offline");
  } finally {
    await restart();
  }
  await page.locator(".offline").waitFor({ state: "hidden", timeout: 30_000 });
  await page.locator("#screen button.main").click();
  await on(page, "pin");
  await typePIN(page, demo.cashier_pin);
  await on(page, "refund");
});
