// A till with a keyboard: amounts and PINs are typed on it, and what a barcode gun types
// meanwhile is none of theirs.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { demo, start, stop } from "../../../passes/web/browser/site.js";
import { balance, codeOf, fullCard, gun, look, on, paired, screens, show, stillCodeOf } from "./desk.js";
import { cardWith, market } from "./market.js";

before(start);
after(stop);

const slow = { delay: 150 }; // ms between keys, as people type
const amount = (page) => page.locator(".spend .amount").innerText();

for (const [size, locale] of [["desk", "en"], ["tablet", "pl"]]) {
  test(`an amount is typed, corrected, entered and left on a keyboard: ${size}, ${locale}`, async (t) => {
    const card = await cardWith(await market(["5 euro off"]), 100);
    const page = await paired(t, { ...screens[size], locale });
    const says = async () => (await amount(page)).replace(/[^\d]/g, "");
    await show(page, await codeOf(card));
    await page.keyboard.type("2517", slow);
    assert.equal(await says(), "2517");
    await page.keyboard.press("Backspace");
    await page.keyboard.press("0");
    assert.equal(await says(), "2510");
    await look(page, `keyboard-${size}-${locale}-typed`);
    await page.keyboard.press("Enter");
    await on(page, "done");
    assert.equal(await balance(card), 125);

    await show(page, await codeOf(card));
    await page.locator(".rewards li button").first().click();
    await on(page, "worth");
    await page.keyboard.type("12", slow);
    assert.equal(await says(), "012");
    await page.keyboard.press("Escape");
    await on(page, "card");
    assert.equal(await says(), "000", "what was typed for the bill is typed for the purchase");
    await page.keyboard.press("Escape");
    await on(page, "scan");
    await page.keyboard.type("77", slow); // to nobody
    await show(page, await codeOf(card));
    assert.equal(await says(), "000");
    assert.deepEqual(page.complaints, []);
  });
}

test("what a gun types is in no amount and no PIN; a person's fast keys are", async (t) => {
  const card = await cardWith(await market(["5 euro off"]), 100);
  const { card: full } = await fullCard();
  const page = await paired(t, screens.desk);
  const told = page.locator("#trouble:visible", { hasText: "Finish or go back first" });
  await show(page, await codeOf(card));
  await page.locator(".rewards li button").first().click();
  await on(page, "worth");
  await page.keyboard.type("12", slow);
  await page.waitForTimeout(200);
  await gun(page, "5901234123457");
  await told.waitFor();
  assert.equal(await amount(page), "€0.12", "the gun's first keys are in the amount");
  await page.keyboard.press("Backspace");
  await page.keyboard.press("Backspace");
  await page.waitForTimeout(300); // by now an Enter is no gun's second
  await gun(page, "1250"); // too few for a code, and with an Enter: somebody quick
  await on(page, "done");
  await page.getByText("€7.50 to pay").waitFor();

  await show(page, await stillCodeOf(full));
  await page.locator(".rewards li button").first().click();
  await page.locator("#screen button.main").click();
  await on(page, "pin");
  await gun(page, "5901234123457");
  await told.waitFor();
  assert.equal(await page.locator(".dots .there").count(), 0, "the gun's first keys are in the PIN");
  await page.waitForTimeout(300);
  await gun(page, demo.cashier_pin); // six digits
  await on(page, "done");
  assert.deepEqual(page.complaints, []);
});
