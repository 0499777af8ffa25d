// What has run out, or was had as often as it may be: the cashier sees it with the
// reason, in each language, and has nothing to press; the customer sees it, too.
import assert from "node:assert/strict";
import { join } from "node:path";
import { after, before, test } from "node:test";

import { api, check, demo, open, pictures, start, stop } from "../../../passes/web/browser/site.js";
import { button, codeOf, look, on, paired, screens, show } from "./desk.js";

before(start);
after(stop);

/** A program of the test's own, with one cup in stock and one of something for each card. */
async function scarce() {
  const { id, rewards } = await api("POST", "/v1/programs", { rules: {
    name: "Scarce", kind: "points", earn: { by: "units" },
    rewards: [{ name: "The last cup", cost: 10, limited: true }, { name: "Once each", cost: 10, per_card: 1 }, { name: "A machine", cost: 1000, limited: true }],
  } });
  await api("PUT", `/v1/rewards/${rewards[0].id}/stock`, { remaining: 1 });
  return async () => {
    const card = (await api("POST", "/v1/cards", { program: id })).id;
    await api("POST", `/v1/cards/${card}/adjustments`, { units: 50, note: "for the test" });
    return card;
  };
}

const short = (page) => page.locator(".rewards li.short").allInnerTexts();
const pressed = (page) => page.locator(".rewards li button b").allInnerTexts();

async function redeem(page, name) {
  await page.locator(".rewards li button", { hasText: name }).click();
  await button(page, "Yes, hand it out").click();
  await on(page, "done");
}

test("what cannot be had is no button, and says why", async (t) => {
  const newCard = await scarce();
  const card = await newCard(), other = await newCard();
  const page = await paired(t, screens.phone);
  await show(page, await codeOf(card));
  assert.deepEqual(await pressed(page), ["The last cup", "Once each"]);
  assert.deepEqual(await short(page), []);
  await redeem(page, "The last cup");
  await show(page, await codeOf(card));
  assert.deepEqual(await pressed(page), ["Once each"]);
  assert.deepEqual(await short(page), ["The last cup\nThis reward is out of stock."]);
  await redeem(page, "Once each");
  await show(page, await codeOf(card));
  assert.deepEqual(await pressed(page), []);
  await page.getByRole("heading", { name: "No reward is ready yet." }).waitFor();
  assert.deepEqual(await short(page), ["The last cup\nThis reward is out of stock.", "Once each\nThis customer has had this reward as often as one may."]);
  await look(page, "short");

  for (const [locale, says] of [["pl", ["Tej nagrody zabrakło."]], ["ro", ["Această recompensă nu mai este în stoc."]]]) {
    const there = await paired(t, { ...screens.tablet, locale, colorScheme: "dark" });
    await show(there, await codeOf(other));
    assert.deepEqual(await short(there), says.map((why) => `The last cup\n${why}`));
    assert.deepEqual(await pressed(there), ["Once each"]);
    await look(there, `short-${locale}`);
  }

  const { token } = await api("POST", `/v1/cards/${card}/devices`, {});
  const phone = await open(t, { locale: "en" });
  await phone.goto(`${demo.base_url}/card/${token}`);
  const said = await phone.locator(".ready li.short span").allInnerTexts();
  assert.deepEqual(said.sort(), ["There is none left at the moment.", "You have had this as often as you may."]);
  await phone.screenshot({ path: join(pictures, "card-short.png") });
  await check(phone, "a card with what cannot be had");
  assert.deepEqual(page.complaints, []);
});
