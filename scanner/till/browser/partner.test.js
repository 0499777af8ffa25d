// A reward that is a code of another shop: the cashier sees it large after handing it
// out, turns it to the customer or prints it, and can show it again for a while; the
// customer has it on the card.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { promisify } from "node:util";

import { api, check, demo, kept, open, pictures, start, stop } from "../../../passes/web/browser/site.js";
import { button, codeOf, first, gun, looker, on, paired, reload, screens, show, typePIN } from "./desk.js";
import { cardWith } from "./market.js";

before(start);
after(stop);

const run = promisify(execFile);

/** What a scanner reads off the screen. */
async function scanned(page, selector) {
  const file = join(pictures, "partner-scanned.png");
  await writeFile(file, await page.locator(selector).screenshot());
  return (await run("zbarimg", ["--quiet", "--raw", file])).stdout.trim();
}

for (const [locale, looks, yes, turn, hide, again] of [
  ["en", [["tablet", "light"], ["tall", "light"]], "Yes, give the code", "Show the customer", "Hide it", /Show the code again/],
  ["pl", [["wide", "dark"]], "Tak, daj kod", "Pokaż klientowi", "Ukryj", /Pokaż kod jeszcze raz/],
  ["ro", [["phone", "dark"]], "Da, dau codul", "Arată clientului", "Ascunde", /Arată din nou codul/],
]) {
  test(`a partner's code: ${locale}`, async (t) => {
    const card = await cardWith(demo.programs.pharmacy, 400);
    const page = await paired(t, { ...first(looks), locale, before: (context) => context.addInitScript(() => { globalThis.print = () => { globalThis.printed = (globalThis.printed ?? 0) + 1; }; }) });
    const seen = looker(page, looks, (size, colorScheme, name) => `partner-${size}-${colorScheme}-${locale}-${name}`);
    await show(page, await codeOf(card));
    await page.locator(".rewards li button").filter({ hasText: "bookshop" }).click();
    await seen("1-ask");
    await button(page, yes).click();
    await on(page, "done");
    await page.locator(".slip img").waitFor();
    const code = await page.locator(".slip .code").innerText();
    assert.match(code, /^DEMO-BOOKS-\d\d$/);
    assert.equal((await api("GET", `/v1/cards/${card}/codes`)).codes[0].code, code);
    await seen("2-handed", async (size) => {
      assert.equal(await scanned(page, ".slip img"), code);
      assert.ok(parseFloat(await page.locator(".slip .code").evaluate((one) => getComputedStyle(one).fontSize)) >= 28, "the code is too small to be read across a counter");
      await page.emulateMedia({ media: "print" });
      assert.equal(await page.locator("#screen button:visible").count(), 0, "buttons are on the paper");
      await page.locator(".slip .shop").waitFor();
      if (kept) await page.screenshot({ path: join(pictures, `till-partner-${size}-paper.png`) });
      await page.emulateMedia({ media: "screen" });
    });
    await page.locator(".coupon .ways button").nth(1).click();
    assert.equal(await page.evaluate(() => globalThis.printed), 1);

    await button(page, turn).click();
    await on(page, "code");
    await page.locator(".slip img").waitFor();
    await seen("3-turned", async () => assert.equal(await scanned(page, ".slip img"), code));
    await gun(page, await codeOf(card));
    await on(page, "code"); // nothing but the cashier takes it away
    await button(page, hide).click();
    await on(page, "done");
    await page.locator("#screen button.main").first().click();
    await on(page, "scan");
    assert.equal((await page.content()).includes(code), false, "the code is still there after the cashier went on");

    await button(page, again).click();
    await on(page, "code");
    await page.getByText(code).waitFor();
    await button(page, hide).click();
    await on(page, "scan");
    await reload(page);
    assert.equal(await page.evaluate((code) => JSON.stringify(localStorage).includes(code), code), false, "the code is kept on the device");
    await show(page, await codeOf(card));
    await button(page, again).click();
    await page.getByText(code).waitFor();
    await button(page, hide).click();
    await on(page, "card");
    assert.deepEqual(page.complaints, []);
  });
}

test("a code is on the customer's card, and spoiled by a manager it is shown no more", async (t) => {
  const card = await cardWith(demo.programs.pharmacy, 400);
  const page = await paired(t, { ...screens.tablet });
  await show(page, await codeOf(card));
  await page.locator(".rewards li button").filter({ hasText: "bookshop" }).click();
  await button(page, "Yes, give the code").click();
  await page.getByRole("heading", { name: "Give the customer this code" }).waitFor();
  const code = await page.locator(".slip .code").innerText();
  const { token } = await api("POST", `/v1/cards/${card}/devices`, {});
  const phone = await open(t, { locale: "en" });
  await phone.goto(`${demo.base_url}/card/${token}`);
  assert.match(await phone.locator("#state").getAttribute("data-change"), /^Your code is on your card/);
  await phone.locator("#gifts summary").click();
  await phone.locator("#gifts .gift").getByText(code).waitFor();
  await check(phone, "the card with a code");

  await button(page, "Undo").click();
  await typePIN(page, demo.manager_pin);
  await page.getByRole("heading", { name: "Taken back" }).waitFor();
  assert.deepEqual((await api("GET", `/v1/cards/${card}/codes`)).codes, []);
  await show(page, await codeOf(card));
  assert.equal(await button(page, /Show the code again/).count(), 0);
  assert.deepEqual(page.complaints, []);
});

test("a code whose text does not come can be asked for again", async (t) => {
  const card = await cardWith(demo.programs.pharmacy, 400);
  const page = await paired(t, { ...screens.tall });
  await page.route("**/v1/codes/*", (route) => route.abort());
  await show(page, await codeOf(card));
  await page.locator(".rewards li button").filter({ hasText: "bookshop" }).click();
  await button(page, "Yes, give the code").click();
  await page.getByText("The code did not come.").waitFor();
  await page.unroute("**/v1/codes/*");
  await button(page, "Try now").click();
  await page.getByText(/^DEMO-BOOKS-\d\d$/).waitFor();
  assert.deepEqual(page.complaints, []);
});
