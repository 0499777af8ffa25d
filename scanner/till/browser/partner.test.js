// A reward that is a code of another shop: the cashier sees it large after handing it
// out, and the customer has it on the card.
import assert from "node:assert/strict";
import { join } from "node:path";
import { after, before, test } from "node:test";

import { api, check, demo, open, pictures, start, stop } from "../../../passes/web/browser/site.js";
import { button, codeOf, newCard, on, paired, screens, show, typePIN } from "./desk.js";

before(start);
after(stop);

test("a partner's code is handed out, shown, and spoiled by a manager", async (t) => {
  const card = await newCard("pharmacy");
  await api("POST", `/v1/cards/${card}/adjustments`, { units: 400, note: "for the test" });
  const page = await paired(t, { ...screens.tablet });
  await show(page, await codeOf(card));
  await page.locator(".rewards li button").filter({ hasText: "bookshop" }).click();
  await button(page, "Yes, hand it out").click();
  await on(page, "done");
  await page.locator(".partner img").waitFor();
  const code = await page.locator(".partner .code").innerText();
  assert.match(code, /^DEMO-BOOKS-\d\d$/);
  assert.ok((await page.locator(".partner img").boundingBox()).width >= 200, "the picture is too small to be scanned");
  assert.equal((await api("GET", `/v1/cards/${card}/codes`)).codes[0].code, code);
  await page.screenshot({ path: join(pictures, "till-partner-code.png") });
  await check(page, "a partner's code");

  const { token } = await api("POST", `/v1/cards/${card}/devices`, {});
  const phone = await open(t, { locale: "en" });
  await phone.goto(`${demo.base_url}/card/${token}`);
  await phone.locator("#gifts summary").click();
  await phone.locator("#gifts .gift").getByText(code).waitFor();
  await phone.locator("#gifts").screenshot({ path: join(pictures, "card-partner-code.png") });

  await button(page, "Undo").click();
  await typePIN(page, demo.manager_pin);
  await page.getByRole("heading", { name: "Taken back" }).waitFor();
  assert.deepEqual((await api("GET", `/v1/cards/${card}/codes`)).codes, []);
  assert.deepEqual(page.complaints, []);
});
