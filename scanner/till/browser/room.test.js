// What is pressed is in view: the way to a refund, out of the card, and back, on a desk
// and on a tall phone; a reward's price is under its name, and keys stay where they are.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { api, demo, start, stop } from "../../../passes/web/browser/site.js";
import { codeOf, look, on, paired, screens, show } from "./desk.js";
import { cardWith, market } from "./market.js";

before(start);
after(stop);

const tall = { viewport: { width: 390, height: 844 }, deviceScaleFactor: 2, hasTouch: true };
const type = async (page, keys) => {
  for (const key of keys) await page.locator(".keys").getByRole("button", { name: key, exact: true }).click();
};

/** Which of some elements cannot be seen whole without scrolling. */
const hidden = (page, selector) => page.locator(selector).evaluateAll((all) => all.filter((one) => {
  const { top, bottom, left, width } = one.getBoundingClientRect();
  return top < 0 || bottom > innerHeight || !one.contains(document.elementFromPoint(left + width / 2, bottom - 2));
}).map((one) => one.textContent));

test("a few rewards on a desk: the prices are under the names, and nothing is stretched", async (t) => {
  const page = await paired(t, { ...screens.desk, locale: "pl" });
  const few = ["Freshly ground coffee, 250 g", "Wooden train for children", "Gift card over 20 euro", "5 euro off"];
  await show(page, await codeOf(await cardWith(await market(few), 420)));
  await look(page, "room-desk-few");
  assert.equal(await page.locator(".rewards li").count(), 4);
  const squeezed = await page.locator(".rewards li button:first-child").evaluateAll((all) => all.filter((one) =>
    one.querySelector("span").getBoundingClientRect().top < one.querySelector("b").getBoundingClientRect().bottom).map((one) => one.textContent));
  assert.deepEqual(squeezed, [], "the price is beside the name");
  const { height } = await page.locator(".hero").boundingBox();
  assert.ok(height < 300, `the hero is ${height} px of nothing`);
});

test("a tall phone: the amount, a refund and the way out are in view, also under a long tier", async (t) => {
  const page = await paired(t, { ...tall, locale: "en" });
  const { id } = await api("POST", "/v1/programs", { rules: {
    name: "Bread card", kind: "points", earn: { by: "spend", units: 1, per: 100, currency: "EUR", rounding: "down" }, rewards: [{ name: "A loaf", cost: 10 }],
  } });
  await show(page, await codeOf(await cardWith(id, 420)));
  await look(page, "room-tall-few");
  assert.deepEqual(await hidden(page, ".ends button, .spend button"), []);
  await page.locator(".ends button").last().click();
  await on(page, "scan");

  const levels = [
    { name: "Friend of the house and of all that is baked in it", from: 0, rate: 300, perks: ["Parking for two hours in front of the house", "A table by the window"] },
    { name: "Patron of the bakery and of its oldest oven", from: 50_000, rate: 500 },
  ];
  const program = (await api("POST", "/v1/programs", { rules: {
    name: "The card of the bakery in the old town", kind: "points", earn: { by: "spend", units: 1, per: 100, currency: "EUR", rounding: "down" },
    tiers: { by: "spend", currency: "EUR", over: "lifetime", rounding: "down", levels }, rewards: [{ name: "A loaf", cost: 10 }],
  } })).id;
  await show(page, await codeOf(await cardWith(program, 420)));
  await look(page, "room-tall-long"); // holds that the main button is in view
});

test("an amount that is too much says why, and the keys stay under the thumb", async (t) => {
  for (const [size, screen] of [["tall", tall], ["phone", screens.phone], ["desk", screens.desk]]) {
    const page = await paired(t, { ...screen, locale: "ro" });
    await show(page, await codeOf(await cardWith(await market(), 250)));
    await page.locator(".rewards li button", { hasText: "Points as money" }).click();
    await type(page, "4000");
    await page.locator("#screen button.main").click();
    await page.locator(".rule").first().waitFor();
    const before = await page.locator(".keys").boundingBox();
    await type(page, "9999");
    await page.locator(".small.wrong").waitFor();
    assert.deepEqual(await page.locator(".keys").boundingBox(), before);
    await look(page, `room-capped-${size}`);
  }
});

test("the code of another shop on a tall phone: everything that can be pressed is in view", async (t) => {
  const page = await paired(t, { ...tall, locale: "en" });
  await show(page, await codeOf(await cardWith(demo.programs.pharmacy, 400)));
  await page.locator(".rewards li button", { hasText: "bookshop" }).click();
  await page.locator("#screen button.main").click();
  await on(page, "done");
  await page.locator(".slip img").waitFor();
  await look(page, "room-tall-code");
  assert.deepEqual(await hidden(page, "#screen button"), []);
});
