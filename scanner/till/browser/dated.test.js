// Points that cannot be used yet, and points that run out soon: the cashier sees both on
// the card and after a purchase, in each language, and nothing of what is far away.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { api, demo, start, stop } from "../../../passes/web/browser/site.js";
import { codeOf, look, on, paired, screens, show } from "./desk.js";

before(start);
after(stop);

/** A program whose points have dates. */
const program = async (lots) => (await api("POST", "/v1/programs", {
  rules: { name: "Points by date", kind: "points", lots, earn: { by: "spend", units: 1, per: 100, currency: "EUR", rounding: "down" } },
})).id;

/** When a card's next points come, and the last day of those that go first, by the shop's calendar, as the app writes them. */
async function dates(card, locale) {
  const { zone } = (await api("GET", "/v1/locations")).locations[0];
  const { pending, expiring } = await api("GET", `/v1/cards/${card}`);
  const year = (date) => new Intl.DateTimeFormat("en", { timeZone: zone, year: "numeric" }).format(date);
  const day = (at) => new Intl.DateTimeFormat(locale, { timeZone: zone, day: "numeric", month: "short", ...(year(at) !== year(new Date()) && { year: "numeric" }) }).format(at);
  return { comes: pending && day(new Date(pending.available_at)), goes: expiring && day(new Date(expiring.expires_at) - 1000) };
}

for (const [size, colorScheme, locale, comes, goes] of [
  ["phone", "light", "en", "100 more from ", "150 run out on "],
  ["tablet", "dark", "pl", "Jeszcze 100 punktów od ", "150 punktów traci ważność po "],
  ["landscape", "light", "ro", "Încă 100 de puncte din ", "150 de puncte expiră după "],
]) {
  test(`what comes and what goes: ${size}, ${colorScheme}, ${locale}`, async (t) => {
    const [pending, soon, far, both] = await Promise.all([{ pending_days: 14 }, { expires: "days", after: 30 }, { expires: "days", after: 90 }, { pending_days: 14, expires: "days", after: 30 }].map(program));
    const page = await paired(t, { ...screens[size], colorScheme, locale });
    const said = async () => (await page.locator(".dated").innerText()).split(" · ");
    const type = async (keys) => { for (const key of keys) await page.locator(".keys").getByRole("button", { name: key, exact: true }).click(); };

    const newCard = async (id) => (await api("POST", "/v1/cards", { program: id })).id;
    const bought = async (id, total) => {
      const card = await newCard(id);
      await api("POST", "/v1/scans", { credential: await codeOf(card), earn: { purchase: { ref: crypto.randomUUID(), total, currency: "EUR" } } }, demo.till_token);
      await show(page, await codeOf(card));
      await page.locator("#whose", { hasText: card.slice(-4).toUpperCase() }).waitFor(); // one of before may still be there
      return dates(card, locale);
    };

    const patient = await newCard(pending);
    await show(page, await codeOf(patient));
    assert.equal(await page.locator(".dated").count(), 0);
    await type(["1", "00", "00"]);
    await page.locator(".spend button.main").click();
    await on(page, "done");
    const { comes: then } = await dates(patient, locale);
    assert.deepEqual(await said(), [comes + then]);
    await look(page, `dated-${size}-${locale}-1-done`);
    await page.locator(".buttons button.main").first().click();
    await on(page, "scan");
    await show(page, await codeOf(patient));
    assert.deepEqual(await said(), [comes + then]);
    assert.equal((await api("GET", `/v1/cards/${patient}`)).balance, 0);

    const last = await bought(soon, 15_000);
    assert.deepEqual(await said(), [goes + last.goes]);
    await look(page, `dated-${size}-${locale}-2-soon`);
    await bought(far, 15_000);
    assert.equal(await page.locator(".dated").count(), 0);
    const two = await bought(both, 15_000);
    assert.deepEqual(await said(), [comes.replace("100", "150") + two.comes, goes + two.goes]);
    await look(page, `dated-${size}-${locale}-3-both`);
    assert.deepEqual(page.complaints, []);
  });
}
