// Programs that look at the lines of a purchase, at a till that has an amount alone: what
// to leave out of it is told above the keypad, and where no amount earns there is none.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { api, crash, demo, restart, start, stop } from "../../../passes/web/browser/site.js";
import { codeOf, gun, look, on, paired, prepared, screens, show } from "./desk.js";

before(start);
after(stop);

const program = async (name, earn) => (await api("POST", "/v1/programs", { rules: { name, kind: "points", earn } })).id;
const spend = { by: "spend", currency: "EUR" };
const euro = { ...spend, units: 1, per: 100, rounding: "down" };
const litre = { name: "By the litre", lines: { units: 1, per: 1000, of: "litre" } };
const newCard = async (id) => (await api("POST", "/v1/cards", { program: id })).id;

for (const [size, colorScheme, locale, says, many, lines] of [
  ["phone", "light", "en", "Without: prescription", "Without: c1, c2, c3, c4, c5, c6 and 2 more", /only from the cash register's lines/],
  ["tablet", "dark", "pl", "Bez: prescription", "Bez: c1, c2, c3, c4, c5, c6 i jeszcze 2", /tylko z pozycji/],
  ["landscape", "light", "ro", "Fără: prescription", "Fără: c1, c2, c3, c4, c5, c6 și încă 2", /doar din pozițiile/],
]) {
  test(`an amount is typed without what the program leaves out: ${size}, ${colorScheme}, ${locale}`, async (t) => {
    const exclude = { categories: ["c1", "c2", "c3", "c4", "c5"], skus: ["c6", "c7", "c8"] };
    const long = await program("Long list", { ...euro, exclude }), counted = await program("By the piece", { by: "units", exclude });
    const litres = await program("Litres", { ...spend, bonuses: [litre] }), visit = await program("Litres and more", { ...spend, bonuses: [litre, { name: "A visit", units: 5 }] });
    const page = await paired(t, { ...screens[size], colorScheme, locale });
    const seen = (name) => look(page, `lines-${size}-${locale}-${name}`);
    await show(page, await codeOf(await newCard(demo.programs.pharmacy)));
    assert.equal(await page.locator(".spend .without").innerText(), says);
    await seen("1-without");
    await show(page, await codeOf(await newCard(long)));
    assert.equal(await page.locator(".spend .without").innerText(), many);
    await seen("2-many");
    await show(page, await codeOf(await newCard(counted)));
    assert.equal(await page.locator(".units .without").innerText(), many);
    await show(page, await codeOf(await newCard(visit)));
    assert.deepEqual([await page.locator(".spend").count(), await page.locator(".without").count()], [1, 0]);

    await show(page, await codeOf(await newCard(litres)));
    assert.match(await page.locator(".actions .notice").innerText(), lines);
    assert.equal(await page.locator(".spend").count(), 0);
    await seen("3-lines");
    assert.deepEqual(page.complaints, []);
  });

  test(`a till that does not know yet that lines alone earn is told: ${size}, ${locale}`, async (t) => {
    const id = await program("Litres", { ...spend, bonuses: [litre] });
    const page = await paired(t, { ...screens[size], colorScheme, locale, before: (context) => context.route("**/v1/till", async (route) => {
      const answer = await route.fetch(), setup = await answer.json();
      for (const { earn } of setup.programs ?? []) if (earn) delete earn.lines_only;
      await route.fulfill({ response: answer, json: setup });
    }) });
    await show(page, await codeOf(await newCard(id)));
    await page.locator(".keys").getByRole("button", { name: "5", exact: true }).click();
    await page.locator(".spend button.main").click();
    await on(page, "refused");
    assert.match(await page.locator(".why").innerText(), new RegExp(lines, "i"));
    await look(page, `lines-${size}-${locale}-4-refused`);
  });
}

test("without the network a till offers no amount either where lines alone earn", async (t) => {
  await program("Litres without a network", { ...spend, bonuses: [litre] });
  const page = await paired(t, screens.phone);
  await prepared(page);
  const code = await codeOf(await newCard(demo.programs.pharmacy));
  await crash();
  try {
    await gun(page, code);
    await on(page, "card");
    await page.locator(".rewards li button", { hasText: "Litres without a network" }).click();
    await page.getByText(/only from the cash register's lines/).waitFor();
    assert.equal(await page.locator(".spend").count(), 0);
  } finally {
    await restart();
  }
});
