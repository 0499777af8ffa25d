// The card's pages in a real browser: join, the code read from a screenshot and
// scanned, the new stamp without a reload, and flight mode.
import assert from "node:assert/strict";
import { join } from "node:path";
import { after, before, test } from "node:test";

import { api, check, decode, demo, drawnCode, enrol, joinPage, keptOffline, nextCode, open, pictures, scan, stamps, start, stop } from "./site.js";

before(start);
after(stop);

test("join, show the code, see the stamp, go offline", async (t) => {
  const page = await open(t);
  await enrol(page, "en");
  await drawnCode(page);
  await page.locator('html[data-live="yes"]').waitFor();
  assert.equal(await stamps(page), 0);
  await page.evaluate(() => { window.notReloaded = true; });

  const first = await decode(page, "code");
  await scan(first);
  await page.locator('.count[data-have="1"]').waitFor({ timeout: 2000 });
  assert.equal(await page.evaluate(() => window.notReloaded), true, "the page was reloaded");

  await keptOffline(page);
  await page.context().setOffline(true);
  await page.reload();
  await drawnCode(page);
  assert.equal(await stamps(page), 1);
  assert.match(await page.locator("#condition").innerText(), /Offline/);
  const second = await nextCode(page, first, "code-offline");
  await page.screenshot({ path: join(pictures, "card-offline.png"), fullPage: true });
  assert.notEqual(second, first);
  await scan(second);
  const third = await nextCode(page, second, "code-offline");
  await page.context().setOffline(false);
  await page.locator('.count[data-have="2"]').waitFor({ timeout: 15_000 });
  assert.equal((await scan(third)).card.balance, 3);
  assert.deepEqual(page.complaints.filter((c) => !/ERR_INTERNET/.test(c)), []);
});

test("a change that comes while the page is being fetched is shown as well", async (t) => {
  const page = await open(t, { serviceWorkers: "block" }); // so that the tests see what is fetched
  await enrol(page, "en");
  await drawnCode(page);
  await page.locator('html[data-live="yes"]').waitFor();
  await page.waitForTimeout(1000); // what a new page fetches by itself is there
  let fetched;
  const first = new Promise((resolve) => { fetched = resolve; });
  await page.route(/\/card\/[^/?]+(\?|$)/, async (route) => {
    const answer = await route.fetch(); // as the card is now, on its way for a while
    fetched();
    await new Promise((resolve) => setTimeout(resolve, 1500));
    await route.fulfill({ response: answer });
  });
  const code = async () => (await api("POST", `/v1/cards/${await page.locator("body").getAttribute("data-card")}/tokens`, {})).token;
  await scan(await code());
  await first;
  await scan(await code());
  await page.locator('.count[data-have="2"]').waitFor({ timeout: 15_000 });
});

test("what is kept is of one version, and of one state", async (t) => {
  const page = await open(t);
  await enrol(page, "en");
  await drawnCode(page);
  await keptOffline(page);
  await scan((await api("POST", `/v1/cards/${await page.locator("body").getAttribute("data-card")}/tokens`, {})).token);
  await page.locator('.count[data-have="1"]').waitFor();
  const strip = await page.locator(".strip").evaluate((picture) => picture.src);
  await page.waitForFunction(async (strip) => {
    const strips = (await (await caches.open((await caches.keys())[0])).keys()).filter(({ url }) => url.includes("/strip.png"));
    return strips.length === 1 && strips[0].url === strip;
  }, strip, { timeout: 15_000 });
  const kept = await page.evaluate(async () => {
    const [name] = await caches.keys();
    return (await (await caches.open(name)).keys()).map(({ url }) => new URL(url).pathname.replace(/^\/card\/[^/]+/, "/card"));
  });
  const [folder] = kept.map((path) => path.match(/^\/pages\/\w+\//)?.[0]).filter(Boolean);
  const files = ["card.js", "keep.js", "page.css", "qr.js", "rotating.js"].map((name) => folder + name);
  assert.deepEqual(kept.toSorted(), ["/card", "/card/manifest.webmanifest", "/card/strip.png", "/card/style.css", ...files]);
});

test("a blocked card shows why, and no code, until it is unblocked", async (t) => {
  const page = await open(t);
  await enrol(page, "en");
  await drawnCode(page);
  await page.locator('html[data-live="yes"]').waitFor();
  const card = await page.locator("body").getAttribute("data-card");
  await api("POST", `/v1/cards/${card}/block`, {});
  await page.locator(".hero .notice", { hasText: "blocked" }).waitFor();
  assert.equal(await page.locator("#code").isVisible(), false);
  assert.equal(await page.locator("#told").innerText(), "");
  await page.reload();
  await page.locator('html[data-live="yes"]').waitFor();
  assert.equal(await page.locator("#code").isVisible(), false);
  assert.equal((await page.locator("main").innerText()).match(/blocked/g).length, 1);
  await page.screenshot({ path: join(pictures, "card-blocked.png"), fullPage: true });
  await check(page, "blocked");
  await api("POST", `/v1/cards/${card}/unblock`, {});
  await drawnCode(page);
  assert.equal(await page.locator("#code").isVisible(), true);
  assert.equal(await page.locator("#told").innerText(), "");
});

test("a browser forgets the card that was deleted, and no other", async (t) => {
  const page = await open(t);
  await enrol(page, "en");
  await drawnCode(page);
  await keptOffline(page);
  const other = page.url();
  await enrol(page, "en");
  await drawnCode(page);
  await keptOffline(page);
  await page.locator("#privacy summary").click();
  await page.locator("input[name=sure]").check();
  await page.locator("button.danger").click();
  await page.locator('html[data-forgotten="yes"]').waitFor();
  assert.equal(await page.evaluate(async () => (await caches.keys()).length), 1);
  await page.context().setOffline(true);
  await page.goto(other);
  await drawnCode(page);
  await decode(page, "code-other");
});

test("a page that cannot be told asks by itself", async (t) => {
  const page = await open(t);
  await page.route("**/events", (route) => route.abort());
  await enrol(page, "en");
  await drawnCode(page);
  await scan(await decode(page, "code-polling"));
  await page.locator('.count[data-have="1"]').waitFor({ timeout: 25_000 });
});

test("pages keep to WCAG 2.2 AA, as far as a program can tell", async (t) => {
  const page = await open(t);
  const chosen = ["parents", "employees"]; // for whom the shop says, not for whoever comes by
  for (const name of Object.keys(demo.programs)) {
    await page.goto(joinPage("ro", name));
    await check(page, `join ${name}`);
    if (chosen.includes(name)) {
      assert.equal(await page.locator("form[method=post] button.main").count(), 0, `${name} is open to all`);
      continue;
    }
    await page.locator("button.main").first().click();
    await page.waitForURL(/\/card\//);
    await drawnCode(page);
    await check(page, `card ${name}`);
  }
  await page.locator("form[action*=recovery] button").click();
  await check(page, "recovery");
  await page.goto(await page.locator(".address a").getAttribute("href"));
  await check(page, "recover");
  await page.goto(`${demo.base_url}/card/x`);
  await check(page, "notice");
});

test("what is folded opens under a thumb", async (t) => {
  const page = await open(t);
  for (const go of [() => page.goto(joinPage("en")), () => enrol(page, "en")]) {
    await go();
    const heights = await page.locator("summary").evaluateAll((all) => all.map((one) => one.getBoundingClientRect().height));
    assert.ok(heights.length > 0 && heights.every((height) => height >= 44), `${page.url()}: ${heights}`);
  }
});

test("a clock that is wrong is corrected", async (t) => {
  const page = await open(t);
  await page.addInitScript(() => { const now = Date.now; Date.now = () => now() + 420_000; });
  await enrol(page, "en");
  await drawnCode(page);
  await page.locator("#condition", { hasText: "7 min" }).waitFor();
  await scan(await decode(page, "code-skewed"));
});

test("a lost phone is signed out by the recovery link, which works once", async (t) => {
  const lost = await open(t);
  await enrol(lost, "en");
  await drawnCode(lost);
  const code = await decode(lost, "code-lost");
  await lost.locator("summary", { hasText: "If you lose this phone" }).click();
  await lost.locator("button", { hasText: "Make a recovery link" }).click();
  const link = await lost.locator(".address a").getAttribute("href");
  await lost.screenshot({ path: join(pictures, "recovery.png"), fullPage: true });

  const found = await open(t);
  await found.goto(link);
  await found.screenshot({ path: join(pictures, "recover.png") });
  await found.locator("button.main").click();
  await found.waitForURL(/\/card\//);
  await drawnCode(found);
  await scan(await decode(found, "code-found"));

  const refused = await fetch(`${demo.base_url}/v1/scans`, {
    method: "POST", body: JSON.stringify({ credential: code, channel: "camera" }),
    headers: { Authorization: `Bearer ${demo.till_token}`, "Content-Type": "application/json" },
  });
  assert.equal((await refused.json()).code, "credential_revoked");
  assert.equal((await found.goto(link)).status(), 404);
});

test("it can be read without JavaScript", async (t) => {
  const page = await open(t, { javaScriptEnabled: false });
  await enrol(page, "pl");
  assert.equal(await page.locator("html").getAttribute("lang"), "pl");
  await page.screenshot({ path: join(pictures, "card-noscript.png"), fullPage: true });
  await scan(await decode(page, "code-noscript"));
  await page.reload();
  assert.equal(await stamps(page), 1);
});

test("contacts and consents are chosen, and data are exported and deleted", async (t) => {
  const page = await open(t);
  await page.goto(joinPage("pl"));
  await page.locator("summary").click();
  for (const box of await page.locator("input[type=checkbox]").all()) assert.equal(await box.isChecked(), false);
  await page.locator("#name").fill("Zofia");
  await page.locator("#phone").fill("12");
  await page.locator("details button.main").click();
  await page.locator(".wrong").waitFor();
  await page.screenshot({ path: join(pictures, "join-wrong.png"), fullPage: true });
  await page.locator("#phone").fill("512 345 678");
  await page.locator("input[value=marketing_sms]").check();
  await page.locator("details button.main").click();
  await page.waitForURL(/\/card\//);
  const card = page.url();
  const kept = await (await fetch(new URL(new URL(card).pathname + "/export.json", card))).json();
  assert.equal(kept.member.phone, "+48512345678");
  assert.deepEqual(kept.consents.map((c) => [c.purpose, c.state, c.language]), [["marketing_sms", "given", "pl"]]);
  await page.locator("summary").last().click();
  await page.locator("input[name=sure]").check();
  await page.locator("button.danger").click();
  await page.locator("h1", { hasText: "usunięte" }).waitFor();
  assert.equal((await fetch(card)).status, 404);
});
