// A tier that takes something off every bill, on a card that earns: it is told, it is in
// view above the rewards, and points that were added before do not take it away.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { api, demo, start, stop } from "../../../passes/web/browser/site.js";
import { codeOf, look, on, paired, screens, show } from "./desk.js";
import { cardWith, market } from "./market.js";

before(start);
after(stop);

const sizes = { ...screens, tall: { viewport: { width: 390, height: 844 }, deviceScaleFactor: 2, hasTouch: true } };
const words = {
  en: { tier: /^Silver · 3% off$/, open: "Take 3% off", off: /€1\.50 off, €48\.50 to pay/ },
  pl: { tier: /^Silver · 3% rabatu$/, open: "Odejmij 3%", off: /1,50 €.*48,50 €/ },
  ro: { tier: /^Silver · reducere 3 %$/, open: "Scade 3 %", off: /1,50 EUR.*48,50 EUR/ },
};

const plain = (text) => text.replace(/\s/g, " ");
const type = async (page, keys) => {
  for (const key of keys) await page.locator(".keys").getByRole("button", { name: key, exact: true }).click();
};
const taking = (page, says) => page.locator("#screen button").filter({ hasText: new RegExp(says.open.replaceAll(" ", "\\s")) });

/** A card that has spent 250 euro: of the tier Silver. */
async function silver(few) {
  const card = await cardWith(await market(few), 200);
  const { scan } = await api("POST", "/v1/scans", { credential: await codeOf(card) }, demo.till_token);
  await api("POST", "/v1/scans/earn", { scan, purchase: { ref: `till-${crypto.randomUUID()}`, total: 25_000, currency: "EUR" } }, demo.till_token);
  return card;
}

for (const [size, colorScheme, locale] of [["phone", "light", "en"], ["tall", "dark", "pl"], ["desk", "light", "ro"], ["tablet", "light", "pl"]]) {
  test(`a tier's discount on a card of points: ${size}, ${colorScheme}, ${locale}`, async (t) => {
    const says = words[locale];
    for (const few of [undefined, ["5 euro off"]]) {
      const page = await paired(t, { ...sizes[size], colorScheme, locale });
      const seen = (name) => look(page, `tieroff-${size}-${colorScheme}-${locale}-${few ? "few" : "many"}-${name}`);
      const card = await silver(few);
      await show(page, await codeOf(card));
      assert.match(plain(await page.locator(".hero .tier").innerText()), says.tier);
      const place = await taking(page, says).boundingBox(), rewards = await page.locator(".rewards").boundingBox();
      assert.ok(place.y + place.height <= page.viewportSize().height, "it has to be scrolled to");
      assert.ok(place.y + place.height <= rewards.y || place.x + place.width <= rewards.x, "it is below the rewards");
      await seen("1-card");

      // Points first: the discount is still there, and of the same bill.
      await type(page, "5000");
      await page.locator(".spend button.main").click();
      await on(page, "done");
      await seen("2-added");
      await taking(page, says).click();
      await on(page, "grant");
      assert.match(plain(await page.locator(".amount").innerText()), /50[.,]00/);
      await seen("3-bill");
      await page.locator(".spend button.main").click();
      await on(page, "done");
      assert.match(plain(await page.locator(".what").innerText()), says.off);
      assert.equal(await taking(page, says).count(), 0);

      // The discount first: then it is not offered again.
      await show(page, await codeOf(card));
      await taking(page, says).click();
      await type(page, "1000");
      await page.locator(".spend button.main").click();
      await on(page, "done");
      await page.locator("#screen button.main").click(); // what was paid is credited
      await page.locator(".because").waitFor();
      assert.equal(await taking(page, says).count(), 0, "it is offered twice");
      assert.deepEqual(page.complaints, []);
    }
  });
}
