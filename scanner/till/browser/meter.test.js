// The bar of a card of points: it is there where something is next, and as round at its
// ends on every screen.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { api, start, stop } from "../../../passes/web/browser/site.js";
import { button, codeOf, look, on, paired, screens, show } from "./desk.js";
import { cardWith } from "./market.js";

before(start);
after(stop);

const program = async (...rewards) => (await api("POST", "/v1/programs", { rules: { name: "Corner shop", kind: "points", earn: { by: "units" }, rewards } })).id;

test("a bar that leads to something, and none that leads to nothing", async (t) => {
  const [bare, leading] = [await program(), await program({ name: "A mug", cost: 100 }, { name: "A kettle", cost: 1000 })];
  for (const [size, colorScheme] of [["phone", "light"], ["desk", "dark"]]) {
    const page = await paired(t, { ...screens[size], colorScheme });
    await show(page, await codeOf(await cardWith(bare, 5)));
    assert.equal(await page.locator(".count").innerText(), "5 points");
    assert.equal(await page.locator(".meter, .hero svg").count(), 0, "a bar of nothing");
    for (const [units, part] of [[25, 0.25], [550, 0.55]]) {
      await button(page, "Close").click();
      await on(page, "scan");
      await show(page, await codeOf(await cardWith(leading, units)));
      const whole = await page.locator(".hero .meter").boundingBox(), filled = await page.locator(".hero .meter i").boundingBox();
      assert.ok(Math.abs(filled.width / whole.width - part) < 0.01, `${filled.width} of ${whole.width} px`);
      assert.equal(filled.height, whole.height);
      assert.equal(await page.locator(".hero .meter i").evaluate((bar) => getComputedStyle(bar).borderRadius), "999px"); // CSS keeps it a circle, where a stretched picture does not
      await look(page, `meter-${size}-${colorScheme}-${units}`);
    }
  }
});
