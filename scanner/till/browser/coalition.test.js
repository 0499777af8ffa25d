// The card of a coalition at the till of a partner, another merchant: the cashier sees
// which card it is and, as the program says, the first name of whose it is, and no more;
// points are given and taken, and both are settled.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { api, demo, open, start, stop } from "../../../passes/web/browser/site.js";
import { button, codeOf, gun, look, on, screens, show } from "./desk.js";

before(start);
after(stop);

let tills = 0;

/** The app at a till of the partner's. */
async function atPartner(t, options) {
  const { admin_key: key } = demo.partners.coalition;
  const location = (await api("GET", "/v1/locations", undefined, key)).locations[0].id;
  const { pairing } = await api("POST", "/v1/tills", { name: `Desk ${++tills}`, location }, key);
  const page = await open(t, { locale: "en", ...options });
  await page.goto(`${demo.base_url}/till#${pairing.code}`);
  await on(page, "pair");
  await page.locator("button.main").click();
  await on(page, "scan");
  return page;
}

/** What the demo's merchant settles with the partner this month. */
const settled = async () => {
  const { lines } = await api("GET", `/v1/programs/${demo.programs.coalition}/settlement`);
  return lines.find(({ operator }) => !operator) ?? {};
};

for (const [size, colorScheme, locale, now, done] of [
  ["phone", "light", "en", "60 points", "Yes, hand it out"],
  ["tablet", "dark", "pl", "60 punktów", "Tak, wydaj"],
  ["landscape", "light", "ro", "60 de puncte", /^Da,/],
]) {
  test(`a coalition's card at a partner's till: ${size}, ${colorScheme}, ${locale}`, async (t) => {
    const member = (await api("POST", "/v1/members", { name: "Barbara Nowak", email: `b${++tills}@mail.example` })).id;
    const card = (await api("POST", "/v1/cards", { program: demo.programs.coalition, member })).id;
    const { issued = 0, redeemed = 0 } = await settled();
    const page = await atPartner(t, { ...screens[size], colorScheme, locale });
    const seen = (name) => look(page, `coalition-${size}-${locale}-${name}`);
    assert.match(await page.locator("#top .whose").innerText(), /River Bookshop/);

    await show(page, await codeOf(card));
    assert.equal(await page.locator(".hero h1").innerText(), "Barbara");
    assert.match(await page.locator(".hero .program").innerText(), new RegExp(`…${card.slice(-4)} · Old Town card$`, "i"));
    assert.equal((await page.content()).includes("Nowak"), false, "a partner is told the customer's whole name");
    await seen("1-card");
    for (const key of ["6", "00", "0"]) await page.locator(".keys").getByRole("button", { name: key, exact: true }).click();
    await page.locator(".spend button.main").click();
    await on(page, "done");
    assert.equal((await page.locator(".standing .count").innerText()).replaceAll("\u00a0", " "), now);
    await seen("2-earned");
    await page.locator(".buttons button", { hasText: /kart|card/i }).first().click();
    await on(page, "card");
    await page.locator(".rewards li button", { hasText: "A coffee and a roll" }).click();
    await on(page, "redeem");
    await button(page, done).click();
    await on(page, "done");
    await seen("3-redeemed");
    assert.equal((await api("GET", `/v1/cards/${card}`)).balance, 0);
    const after = await settled();
    assert.deepEqual([after.issued - issued, after.redeemed - redeemed], [60, 60]);
    assert.deepEqual(page.complaints, []);
  });
}

test("a code that was used at the other merchant's till is refused here, without its name", async (t) => {
  const card = (await api("POST", "/v1/cards", { program: demo.programs.coalition })).id;
  const code = await codeOf(card);
  await api("POST", "/v1/scans", { credential: code, earn: { purchase: { ref: crypto.randomUUID(), total: 1000, currency: "EUR" } } }, demo.till_token);
  const page = await atPartner(t, screens.phone);
  await gun(page, code);
  await on(page, "refused");
  assert.match(await page.locator(".why").innerText(), /already used .* at a partner/);
  await look(page, "coalition-used");
});

test("a partner's till takes no other card of the merchant's", async (t) => {
  const card = (await api("POST", "/v1/cards", { program: demo.programs["ice-cream"] })).id;
  const page = await atPartner(t, screens.phone);
  await gun(page, await codeOf(card));
  await on(page, "refused");
  assert.equal(await page.locator(".answer").getAttribute("data-code"), "card_not_found");
});
