// From a code in front of the camera to the green screen: the whole till, with a film
// for the camera, and how long each part took.
import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";

import { launch, start, stop } from "../../../passes/web/browser/site.js";
import { encoded, film, frame, rate } from "../readtest/film.js";
import { balance, button, codeOf, fullCard, gun, look, newCard, on, paired, prepared, screens, shelf, statementOf, stillCodeOf } from "./desk.js";

before(start);
after(stop);

const empty = frame();
const middle = (modules, size = 260) => frame([{ modules, x: (640 - size) / 2, y: (480 - size) / 2, size }]);

/** A till whose camera sees these scenes, again and again. */
async function filmed(t, scenes, options) {
  const folder = await mkdtemp(join(tmpdir(), "stempel-till-"));
  t.after(() => rm(folder, { recursive: true, force: true }));
  const within = await launch(t, await film(join(folder, "film.y4m"), scenes));
  return paired(t, { within, ...options });
}

test("point, beep, done", async (t) => {
  const card = await newCard();
  const code = encoded(await stillCodeOf(card));
  const page = await filmed(t, [[empty, 2 * rate], [middle(code), 2 * rate]]);
  await on(page, "card");
  const tapped = Date.now();
  await page.locator(".units button.main").click();
  await on(page, "done");
  const green = Date.now() - tapped;
  assert.equal(await balance(card), 1);
  const [read, looked] = await page.evaluate(() => ["till.read", "till.look"].map((name) => {
    const { duration, detail } = performance.getEntriesByName(name)[0];
    return { duration, detail };
  }));
  assert.equal(read.detail.channel, "camera");
  t.diagnostic(`frame captured → text: ${read.duration.toFixed(1)} ms (camera ${read.detail.camera.toFixed(1)}, decode ${read.detail.decode.toFixed(1)})`);
  t.diagnostic(`text → card on the screen (HTTP): ${looked.duration.toFixed(1)} ms`);
  t.diagnostic(`tap → green screen (HTTP, and the test's own click): ${green} ms`);
  t.diagnostic(`in view → green, without the cashier: ${(read.duration + looked.duration + green).toFixed(1)} ms`);

  // The code is shown on: the card that was just served is not opened again.
  await on(page, "scan");
  await page.getByRole("button", { name: /Open card/ }).waitFor({ timeout: 15_000 });
  assert.equal(await balance(card), 1);
  assert.deepEqual(page.complaints, []);
});

test("two codes in view: none is taken, and it is told", async (t) => {
  const codes = await Promise.all([newCard(), newCard()].map(async (card) => encoded(await stillCodeOf(await card))));
  const both = frame(codes.map((modules, i) => ({ modules, x: 60 + i * 300, y: 130, size: 200 })));
  const page = await filmed(t, [[both, rate]]);
  await page.getByText("Two codes are in view").waitFor();
  assert.equal(await page.locator("body").getAttribute("data-screen"), "scan");
});

test("without network the camera reads a card and its reward from one phone", async (t) => {
  const { card, voucher } = await fullCard();
  const [live, reward] = [encoded(await codeOf(card)), encoded(await statementOf(card, voucher))];
  const page = await filmed(t, [[empty, 2 * rate], [middle(live, 400), 2 * rate], [empty, 2 * rate], [middle(reward, 440), 2 * rate]]);
  await prepared(page);
  await page.context().setOffline(true);
  await page.locator(".offline").waitFor();
  const until = async (name) => { // what is in view may be the other code: then it is told, and the film goes on
    for (let i = 0; i < 20; i++) {
      await page.locator(`body[data-screen="${name}"], body[data-screen="refused"]`).waitFor({ timeout: 20_000 });
      if (await page.locator("body").getAttribute("data-screen") === name) return;
      await button(page, "Next customer").click();
    }
  };
  await page.locator(".scan.seen .frame").waitFor();
  await look(page, "phone-offline-camera");
  await until("card");
  await button(page, "Hand out a reward").click();
  await on(page, "voucher");
  await look(page, "phone-offline-camera-reward");
  await on(page, "redeem");
  await button(page, "Yes, hand it out").click();
  await page.getByRole("heading", { name: "Hand it out now" }).waitFor();
  assert.deepEqual((await shelf(page)).items.map((item) => item.about.do), ["redeem"]);
  await page.context().setOffline(false);
});

test("both of a phone's codes in view: neither is taken, and the screen for the reward's says why", async (t) => {
  const { card, voucher } = await fullCard();
  const [live, reward] = [await codeOf(card), await statementOf(card, voucher)];
  const both = frame([{ modules: encoded(live, { level: "L" }), x: 12, y: 100, size: 270 }, { modules: encoded(reward, { level: "L" }), x: 345, y: 90, size: 284 }]);
  const page = await filmed(t, [[both, rate]]);
  await prepared(page);
  await page.context().setOffline(true);
  await page.locator(".offline").waitFor();
  await page.locator('.trouble[data-code="two_codes"]').waitFor({ timeout: 15_000 });
  await look(page, "phone-offline-two-codes");
  await gun(page, live);
  await on(page, "card");
  await button(page, "Hand out a reward").click();
  await on(page, "voucher");
  await page.locator('#trouble[data-code="two_codes"]:visible').waitFor({ timeout: 15_000 });
  await look(page, "phone-offline-voucher-two-codes");
  assert.deepEqual(await page.locator("#screen button:visible").evaluateAll((all) => all.filter((one) => one.getBoundingClientRect().bottom > innerHeight).map((one) => one.textContent)), [], "has to be scrolled to");
  assert.equal(await page.locator("body").getAttribute("data-screen"), "voucher");
  await page.context().setOffline(false);
});

for (const [size, colorScheme] of [["phone", "light"], ["tablet", "dark"], ["desk", "light"]]) {
  test(`the camera's picture on a ${size}`, async (t) => {
    const page = await filmed(t, [[empty, rate]], { ...screens[size], colorScheme });
    await page.locator(".scan.seen .frame").waitFor();
    while (!await page.evaluate(() => document.querySelector("video").videoWidth)) await page.waitForTimeout(100); // the policy lets no test wait inside
    await look(page, `${size}-${colorScheme}-camera`);
  });
}
