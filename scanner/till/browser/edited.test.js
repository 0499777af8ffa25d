// What a card counts is edited, begun or ended while tills are open: the next scan is of
// what the shop is now, and asks no more than it must.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { api, start, stop } from "../../../passes/web/browser/site.js";
import { balance, codeOf, look, on, paired, screens, show } from "./desk.js";

before(start);
after(stop);

const byUnits = { name: "Bread card", kind: "points", earn: { by: "units" } };
const bySpend = { ...byUnits, earn: { by: "spend", units: 1, per: 100, currency: "EUR", rounding: "down" } };

const program = async (rules = byUnits) => (await api("POST", "/v1/programs", { rules })).id;
const cardOf = async (id) => (await api("POST", "/v1/cards", { program: id })).id;

/** Gives a program its next rules. */
async function edit(id, rules) {
  const { version } = await api("GET", `/v1/programs/${id}`);
  await api("PUT", `/v1/programs/${id}/draft`, { based_on: version, rules });
  await api("POST", `/v1/programs/${id}/publish`, {});
}

/** A till, and how often it has asked for its setup since it was opened. */
async function opened(t, options) {
  const page = await paired(t, options);
  let asked = 0;
  page.on("request", (request) => { if (new URL(request.url()).pathname === "/v1/till") asked++; });
  return { page, setups: () => asked };
}

const type = async (page, keys) => {
  for (const key of keys) await page.locator(".keys").getByRole("button", { name: key, exact: true }).click();
};

test("a program that counts by something else since the till was opened: the next scan is by its new rules", async (t) => {
  const id = await program(), card = await cardOf(id);
  const { page, setups } = await opened(t);
  await show(page, await codeOf(card));
  await page.getByRole("button", { name: "+1 point" }).waitFor();
  assert.equal(setups(), 0, "an ordinary scan asks for the setup");
  await edit(id, bySpend);
  await show(page, await codeOf(card));
  await type(page, "700");
  assert.equal(await page.getByRole("button", { name: "+1 point" }).count(), 0);
  await page.locator(".spend button.main").click();
  await on(page, "done");
  assert.equal(await balance(card), 7);
  await show(page, await codeOf(card));
  assert.equal(setups(), 1, "what is known is asked for again");
  assert.deepEqual(page.complaints, []);
});

const changed = {
  en: /has just changed what this card counts.*Nothing was added yet/,
  pl: /właśnie zmienił to, co liczy ta karta.*Nic jeszcze nie dodano/,
  ro: /tocmai a schimbat ce numără acest card.*Încă nu s-a adăugat nimic/,
};

for (const [size, colorScheme, locale] of [["phone", "light", "pl"], ["desk", "dark", "ro"], ["tablet", "light", "en"]]) {
  test(`a program is edited between the scan and the press: ${size}, ${colorScheme}, ${locale}`, async (t) => {
    const id = await program(), card = await cardOf(id);
    const { page } = await opened(t, { ...screens[size], colorScheme, locale });
    await show(page, await codeOf(card));
    await edit(id, bySpend);
    await page.locator("button.huge").click();
    await page.locator(".spend").waitFor();
    assert.match(await page.locator(".notice[role=alert]").innerText(), changed[locale]);
    await look(page, `edited-${size}-${colorScheme}-${locale}`);
    await type(page, "1200");
    await page.locator(".spend button.main").click();
    await on(page, "done");
    assert.equal(await balance(card), 12);
    assert.deepEqual(page.complaints, []);
  });
}

test("a program that began since the till was opened has its usual thing to do", async (t) => {
  const { page, setups } = await opened(t);
  const card = await cardOf(await program());
  await show(page, await codeOf(card));
  await page.getByRole("button", { name: "+1 point" }).click();
  await on(page, "done");
  assert.equal(await balance(card), 1);
  assert.equal(setups(), 1);
});

test("of a program that has ended the card says so, and the setup is asked for once", async (t) => {
  const id = await program(), card = await cardOf(id);
  const { page, setups } = await opened(t);
  await api("POST", `/v1/programs/${id}/archive`, {});
  for (let i = 0; i < 3; i++) {
    await show(page, await codeOf(card));
    assert.match(await page.locator(".actions .why").innerText(), /program has ended/);
    await page.getByRole("button", { name: "Close" }).click();
    await on(page, "scan");
  }
  assert.equal(setups(), 1);
});
