// Every page as people meet it, of a light and a dark brand, on a phone and on a
// desk, in the languages with the longest words: nothing is wider than the screen,
// nothing breaks WCAG 2.2 AA, and with SCREENSHOTS=folder all can be looked at.
import assert from "node:assert/strict";
import { join } from "node:path";
import { after, before, test } from "node:test";

import { api, check, demo, drawnCode, enrol, joinPage, kept, keptOffline, open, pictures, start, stop } from "./site.js";

before(start);
after(stop);

const phone = { viewport: { width: 360, height: 740 }, deviceScaleFactor: 2, hasTouch: true };
const desk = { viewport: { width: 1024, height: 768 }, deviceScaleFactor: 1, hasTouch: false };
const light = { name: "Gelateria Aurora", colors: { background: "#fff3d6" } };
const dark = { name: "Piekarnia i Cukiernia „Pod Złotym Rogalem”", colors: { background: "#3b1d4f" } };

const cardOf = (page) => page.locator("body").getAttribute("data-card");
async function stamp(page, units) {
  const before = await page.locator("#history li").count();
  const { token } = await api("POST", `/v1/cards/${await cardOf(page)}/tokens`, {});
  const earn = typeof units === "number" ? { units } : units;
  await api("POST", "/v1/scans", { credential: token, earn }, demo.till_token);
  await page.locator(`#history li:nth-child(${before + 1})`).waitFor({ timeout: 20_000 });
}

for (const [where, brand, screen, language] of [
  ["phone-dark-pl", dark, phone, "pl"], ["phone-light-ro", light, phone, "ro"],
  ["desk-dark-ro", dark, desk, "ro"], ["desk-light-pl", light, desk, "pl"],
]) {
  test(`pictures: ${where}`, async (t) => {
    await api("PUT", "/v1/merchant/brand", brand);
    const look = async (page, name) => {
      await page.waitForLoadState("load");
      assert.equal(await page.evaluate(() => document.documentElement.scrollWidth > innerWidth), false, `${name} is wider than the screen`);
      if (kept) await page.screenshot({ path: join(pictures, `${where}-${name}.png`), fullPage: true });
    };
    const page = await open(t, screen);

    await page.goto(joinPage(language));
    await look(page, "join");
    await page.locator("summary").click();
    await page.locator("#name").fill("Ștefania Wawrzyńczak");
    await page.locator("#phone").fill("12");
    await page.locator("details button.main").click();
    await page.locator(".wrong").waitFor();
    await look(page, "join-wrong");
    await page.locator("#phone").fill(language === "pl" ? `5${String(Date.now()).slice(-8)}` : `07${String(Date.now()).slice(-8)}`);
    await page.locator("input[value=marketing_sms]").check();
    await page.locator("details button.main").click();
    await page.waitForURL(/\/card\//);
    await drawnCode(page);
    await look(page, "card-0");

    await stamp(page, 7);
    await look(page, "card-7");
    await stamp(page, 3);
    await look(page, "card-10-reward");
    await page.locator("#without-network a").click();
    await page.waitForURL(/\/offline\?/);
    assert.equal(await page.locator(".screen img").count(), 2, "a code of the card, and one of the reward");
    assert.ok(await page.locator(".screen img").evaluateAll((all) => all.every((picture) => picture.complete && picture.naturalWidth > 0)));
    const shown = () => page.locator(".screen img:visible").evaluateAll((all) => all.map((picture) => picture.closest("section").id));
    assert.deepEqual(await shown(), ["card"], "a camera that sees two codes takes neither");
    await look(page, "without-network");
    await check(page, "without network");
    await page.locator("#card a.button").click();
    assert.deepEqual(await shown(), ["reward-1"]);
    await look(page, "without-network-reward");
    await check(page, "without network, the reward");
    await page.locator("#reward-1 a.button").click();
    assert.deepEqual(await shown(), ["card"]);
    await page.locator(".turn a").last().click();
    await drawnCode(page);
    await page.locator("#privacy summary").click();
    await page.locator("#privacy .consents button").click();
    await page.locator("#privacy .good").waitFor();
    await look(page, "privacy");
    await check(page, "privacy");

    const card = page.url().split("#")[0];

    for (let i = 0; i < 9; i++) await api("POST", `/v1/cards/${await cardOf(page)}/devices`, { kind: "phone", name: "Another" });
    await page.locator("form[action*=recovery]").evaluate((form) => { form.closest("details").open = true; });
    await page.locator("form[action*=recovery] button").click();
    await page.locator(".address a").waitFor(); // a card on ten phones can be recovered, too
    await look(page, "recovery-of-ten");
    await check(page, "recovery of a card on ten phones");
    await page.goto(card);
    await page.locator("form[action*=others]").evaluate((form) => { form.closest("details").open = true; });
    await page.locator("form[action*=others] button").click();
    await page.locator(".good").waitFor();
    await look(page, "others-signed-out");
    const still = await open(t, { ...screen, javaScriptEnabled: false });
    await still.goto(card);
    await look(still, "noscript");

    await keptOffline(page);
    await page.context().setOffline(true);
    await page.reload();
    await drawnCode(page);
    await look(page, "offline");
    await page.context().setOffline(false);

    await page.locator("form[action*=recovery]").evaluate((form) => { form.closest("details").open = true; });
    await look(page, "lost-phone");
    await page.locator("form[action*=recovery] button").click();
    await page.locator(".address a").waitFor();
    await look(page, "recovery");
    const link = await page.locator(".address a").getAttribute("href");
    const found = await open(t, screen);
    await found.goto(`${link}?lang=${language}`);
    await look(found, "recover");
    await page.goto(card);
    await drawnCode(page);
    await found.locator("button.main").click();
    await page.locator("html.signed-out").waitFor({ timeout: 20_000 }).catch(async (error) => {
      throw new Error(`the other phone says: ${await found.locator("body").innerText()}`, { cause: error });
    });
    await look(page, "signed-out");
    await page.goto(card);
    await look(page, "gone");

    await page.goto(joinPage(language, "supermarket"));
    await look(page, "join-points");
    await enrol(page, language, "supermarket");
    await drawnCode(page);
    await stamp(page, { purchase: { ref: where, total: 12345, currency: "EUR" } });
    await look(page, "points");
  });
}
