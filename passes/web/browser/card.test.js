// The card's pages in a real browser, against a server of the test's own: join,
// the code read from a screenshot and scanned, the new stamp without a reload, and
// flight mode. STEMPEL_BINARY names the program, CHROMIUM the browser; with
// SCREENSHOTS=folder the pictures are kept, to be looked at.
import assert from "node:assert/strict";
import { execFile, spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdtemp, mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { promisify } from "node:util";

import { chromium } from "playwright-core";

const run = promisify(execFile);
const phone = { viewport: { width: 390, height: 844 }, deviceScaleFactor: 2, hasTouch: true };
const program = process.env.STEMPEL_BINARY;
const executablePath = process.env.CHROMIUM ?? ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"].find(existsSync);

let folder, pictures, server, browser, demo;

before(async () => {
  assert.ok(program, "STEMPEL_BINARY must name the server's program");
  assert.ok(executablePath, "no Chromium was found: name it in CHROMIUM");
  folder = await mkdtemp(join(tmpdir(), "stempel-browser-"));
  pictures = process.env.SCREENSHOTS ?? folder;
  await mkdir(pictures, { recursive: true });
  const data = join(folder, "data");
  server = spawn(program, ["demo", "--listen", "127.0.0.1:0", "--data", data], { stdio: "ignore" });
  for (let i = 0; i < 300 && !demo; i++) {
    await new Promise((resolve) => setTimeout(resolve, 200));
    demo = await readFile(join(data, "demo.json"), "utf8").then(JSON.parse).catch(() => undefined);
  }
  assert.ok(demo, "the server did not start");
  browser = await chromium.launch({ executablePath, args: ["--no-sandbox"] });
});

after(async () => {
  await browser?.close();
  server?.kill();
  if (folder) await rm(folder, { recursive: true, force: true });
});

const joinPage = (language, name = "ice-cream") => `${demo.base_url}/join/${demo.programs[name]}?lang=${language}`;

async function api(method, path, body, token = demo.api_key) {
  const answer = await fetch(demo.base_url + path, {
    method, body: body && JSON.stringify(body),
    headers: { Authorization: `Bearer ${token}`, "Content-Type": "application/json", "Idempotency-Key": crypto.randomUUID() },
  });
  const told = await answer.json();
  assert.ok(answer.ok, `${method} ${path}: ${JSON.stringify(told)}`);
  return told;
}

const scan = (credential) => api("POST", "/v1/scans", { credential, channel: "camera", earn: { units: 1 } }, demo.till_token);

/** A page that notes what went wrong in it. */
async function open(t, options = {}) {
  const context = await browser.newContext({ ...phone, ...options });
  t.after(() => context.close());
  const page = await context.newPage();
  page.complaints = [];
  page.on("pageerror", (error) => page.complaints.push(String(error)));
  page.on("console", (line) => { if (/Content.Security.Policy/i.test(line.text())) page.complaints.push(line.text()); });
  page.on("request", (request) => { if (!request.url().startsWith(demo.base_url) && !request.url().startsWith("data:")) page.complaints.push(request.url()); });
  return page;
}

async function enrol(page, language) {
  await page.goto(joinPage(language));
  await page.locator("button.main").first().click();
  await page.waitForURL(/\/card\//);
}

const drawnCode = (page) => page.locator("#screen svg path").waitFor({ timeout: 20_000 });
async function keptOffline(page) {
  await page.locator('html[data-kept="yes"]').waitFor({ timeout: 30_000 });
  await page.evaluate(() => navigator.serviceWorker.ready);
}
const stamps = (page) => page.locator(".count").first().getAttribute("data-have").then(Number);

async function decode(page, name) {
  const file = join(pictures, `${name}.png`);
  await writeFile(file, await page.locator("#screen").screenshot());
  const { stdout } = await run("zbarimg", ["--quiet", "--raw", file]);
  return stdout.trim();
}

/** Waits for the text of another period than before. */
async function nextCode(page, before, name) {
  for (let i = 0; i < 45; i++) {
    const text = await decode(page, name);
    if (text !== before) return text;
    await page.waitForTimeout(1000);
  }
  throw new Error("the code did not change");
}

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
  const axe = await readFile(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
  const check = async (name) => {
    await page.locator("details").evaluateAll((all) => all.forEach((one) => { one.open = true; }));
    await page.evaluate(axe);
    const { violations } = await page.evaluate(() => axe.run(document, { runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"] }));
    assert.deepEqual(violations.map((v) => `${name}: ${v.id}: ${v.nodes.map((n) => n.html).join(" ")}`), []);
  };
  for (const name of Object.keys(demo.programs)) {
    await page.goto(joinPage("ro", name));
    await check(`join ${name}`);
    await page.locator("button.main").first().click();
    await page.waitForURL(/\/card\//);
    await drawnCode(page);
    await check(`card ${name}`);
  }
  await page.locator("form[action*=recovery] button").click();
  await check("recovery");
  await page.goto(await page.locator(".address a").getAttribute("href"));
  await check("recover");
  await page.goto(`${demo.base_url}/card/x`);
  await check("notice");
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

test("pictures in three languages, of a light and a dark brand", async (t) => {
  for (const [name, background] of [["light", "#fff3d6"], ["dark", "#3b1d4f"]]) {
    await api("PUT", "/v1/merchant/brand", { name: "Gelateria Aurora", colors: { background } });
    for (const language of ["en", "pl", "ro"]) {
      const page = await open(t);
      await page.goto(joinPage(language));
      await page.screenshot({ path: join(pictures, `join-${name}-${language}.png`), fullPage: true });
      await enrol(page, language);
      await drawnCode(page);
      const shown = await decode(page, "code-picture");
      await scan(shown);
      await page.locator('.count[data-have="1"]').waitFor({ timeout: 15_000 });
      const wide = await page.evaluate(() => document.documentElement.scrollWidth > innerWidth);
      assert.equal(wide, false, "the page is wider than the phone");
      await page.screenshot({ path: join(pictures, `card-${name}-${language}.png`), fullPage: true });
      assert.deepEqual(page.complaints, []);
    }
  }
});
