// Finding what comes back again: purchases whose receipts this app made up, and more
// of them than are told at once. With SCREENSHOTS=folder every screen can be looked at.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { api, demo, start, stop } from "../../../passes/web/browser/site.js";
import { balance, codeOf, look, on, paired, screens, show, typePIN } from "./desk.js";

before(start);
after(stop);

const phone = { viewport: { width: 390, height: 844 }, deviceScaleFactor: 2, hasTouch: true };

const cardOf = async () => {
  const program = (await api("POST", "/v1/programs", { rules: { name: "Corner market", kind: "points", earn: { by: "spend", units: 1, per: 100, currency: "EUR", rounding: "down" }, rewards: [{ name: "A tote bag", cost: 50 }] } })).id;
  return (await api("POST", "/v1/cards", { program })).id;
};

/** Opens what a card has bought. */
async function bought(page, card) {
  await show(page, await codeOf(card));
  await page.locator(".ends button").first().click();
  await on(page, "purchases");
}

for (const [size, options, locale, day] of [
  ["phone", phone, "en", /Purchase of \w+ \d+, \d{4}, \d+:\d\d/],
  ["small", screens.phone, "pl", /Zakup z dnia \d+ \S+ \d{4}, \d\d:\d\d/],
  ["tablet", screens.tablet, "ro", /Cumpărătura din \d+ \S+ \d{4}, \d\d:\d\d/],
]) {
  test(`what this app credited is known by its day, not by a number that nobody has seen: ${size}, ${locale}`, async (t) => {
    const card = await cardOf();
    const page = await paired(t, { ...options, locale });
    const says = async (where) => (await page.locator(where).innerText()).replaceAll(/[\u00a0\u202f]/g, " ");
    const told = async (where, name) => {
      await look(page, `receipts-${size}-${locale}-${name}`);
      assert.match(await says(where), day);
      assert.doesNotMatch(await says("#screen"), /till-|[0-9a-f]{8}-[0-9a-f]{4}/, "a number that stands on no receipt");
    };
    await show(page, await codeOf(card));
    for (const key of ["2", "5", "00"]) await page.locator(".keys").getByRole("button", { name: key, exact: true }).click();
    await page.locator(".spend button.main").click();
    await on(page, "done");
    await bought(page, card);
    await page.locator(".people button").first().click();
    await on(page, "refund");
    await told(".hero h1", "1-refund");
    assert.match(await says(".hero .amount"), /25[.,]00/);
    await page.locator(".spend button.main").click();
    await on(page, "sure");
    await told(".sheet .small", "2-sure");
    await page.locator("#screen button.main").click();
    await typePIN(page, demo.cashier_pin);
    await on(page, "done");
    await told(".answer > p:last-of-type", "3-done");
    assert.match(await says(".answer > p:last-of-type"), /25[.,]00/);
    assert.equal(await balance(card), 0);
    assert.deepEqual(page.complaints, []);
  });
}

for (const [size, options, locale, words] of [
  ["phone", phone, "en", "Only the 20 newest are shown"], ["small", screens.phone, "pl", "Widać tylko 20 najnowszych"], ["tablet", screens.tablet, "ro", "Se văd doar cele mai noi 20"],
]) {
  test(`where older purchases are not shown, that is said: ${size}, ${locale}`, async (t) => {
    const card = await cardOf();
    const page = await paired(t, { ...options, locale });
    const buys = async (n) => api("POST", "/v1/scans", { credential: await codeOf(card), earn: { purchase: { ref: `${card}/${n}`, total: 100 * n, currency: "EUR" } } }, demo.till_token);
    const listed = () => page.locator(".people button").count();
    for (let n = 1; n <= 19; n++) await buys(n);
    await bought(page, card);
    assert.equal(await listed(), 19);
    assert.equal(await page.locator(".notice").count(), 0, "all of them are there");
    for (let n = 20; n <= 25; n++) await buys(n);
    await bought(page, card);
    assert.equal(await listed(), 20);
    await page.locator(".people + .notice", { hasText: words }).scrollIntoViewIfNeeded();
    await look(page, `receipts-${size}-${locale}-4-newest`);
  });
}

for (const [size, options, locale, shop, manager] of [
  ["phone", phone, "en", "at “Baker's corner”", "A manager's PIN, please"],
  ["small", screens.phone, "pl", "w „Baker's corner”", "PIN kierownika, proszę"],
  ["tablet", screens.tablet, "ro", "la „Baker's corner”", "PIN-ul unui șef, te rog"],
]) {
  test(`what a partner credited says so, and takes a manager at once: ${size}, ${locale}`, async (t) => {
    const card = await cardOf();
    const page = await paired(t, { ...options, locale });
    const says = async (where) => (await page.locator(where).first().innerText()).replaceAll("\u00a0", " ");
    await api("POST", "/v1/scans", { credential: await codeOf(card), earn: { purchase: { ref: `${card}/1`, total: 1500, currency: "EUR" } } }, demo.till_token);
    await page.route("**/v1/scans/purchases", async (route) => {
      const answer = await route.fetch();
      const { purchases } = await answer.json();
      await route.fulfill({ json: { purchases: purchases.map((one) => ({ ...one, partner: "Baker's corner" })) } }); // as an operator's till is told
    });
    await bought(page, card);
    assert.ok((await says(".people button")).includes(shop));
    await look(page, `receipts-${size}-${locale}-5-partner`);
    await page.locator(".people button").first().click();
    assert.ok((await says(".hero .missing")).includes(shop));
    await page.locator(".spend button.main").click();
    await on(page, "sure");
    assert.ok((await says(".sheet .small")).includes(shop));
    await look(page, `receipts-${size}-${locale}-6-sure`);
    await page.locator("#screen button.main").click();
    await on(page, "pin");
    await page.getByRole("heading", { name: manager }).waitFor();
    await typePIN(page, demo.manager_pin);
    await on(page, "done");
    assert.equal(await balance(card), 0);
    assert.deepEqual(page.complaints, []);
  });
}
