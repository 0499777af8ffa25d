// A server of the tests' own, a real browser, and what tests do with both.
// STEMPEL_BINARY names the program, CHROMIUM the browser; with SCREENSHOTS=folder
// the pictures are kept, to be looked at.
import assert from "node:assert/strict";
import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { mkdtemp, mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";

import { chromium } from "playwright-core";

const run = promisify(execFile);
const phone = { viewport: { width: 390, height: 844 }, deviceScaleFactor: 2, hasTouch: true };
const program = process.env.STEMPEL_BINARY;
const executablePath = process.env.CHROMIUM ?? ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"].find(existsSync);

let folder, data, server, browser;
export let demo, pictures;

/** Whether anybody will look at the pictures: what only makes them can be left out otherwise. */
export const kept = Boolean(process.env.SCREENSHOTS);

export async function start() {
  assert.ok(program, "STEMPEL_BINARY must name the server's program");
  assert.ok(executablePath, "no Chromium was found: name it in CHROMIUM");
  folder = await mkdtemp(join(tmpdir(), "stempel-browser-"));
  pictures = process.env.SCREENSHOTS ?? folder;
  await mkdir(pictures, { recursive: true });
  data = join(folder, "data");
  serve("127.0.0.1:0");
  for (let i = 0; i < 300 && !demo; i++) {
    await new Promise((resolve) => setTimeout(resolve, 200));
    demo = await readFile(join(data, "demo.json"), "utf8").then(JSON.parse).catch(() => undefined);
  }
  assert.ok(demo, "the server did not start");
  browser = await chromium.launch({ executablePath, args: ["--no-sandbox"] });
}

function serve(listen) {
  server = spawn(program, ["demo", "--listen", listen, "--data", data], { stdio: "ignore" });
}

/** Ends the server at once, as when the power fails. */
export async function crash() {
  if (server.exitCode !== null || server.signalCode !== null) return;
  server.kill("SIGKILL");
  await once(server, "exit");
}

/** Starts it again, at the same address and with what it had stored. */
export async function restart() {
  serve(new URL(demo.base_url).host);
  for (let i = 0; i < 300; i++) {
    if (await fetch(`${demo.base_url}/readyz`).then((answer) => answer.ok, () => false)) return;
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  throw new Error("the server did not start again");
}

/** What `stempel audit` says of all that the server has stored. Errors: where not all holds. */
export const audit = async () => (await run(program, ["audit", "--data", data])).stdout;

export async function stop() {
  await browser?.close();
  server?.kill();
  if (folder) await rm(folder, { recursive: true, force: true });
}

export const joinPage = (language, name = "ice-cream") => `${demo.base_url}/join/${demo.programs[name]}?lang=${language}`;

export async function api(method, path, body, token = demo.api_key) {
  const answer = await fetch(demo.base_url + path, {
    method, body: body && JSON.stringify(body),
    headers: { Authorization: `Bearer ${token}`, "Content-Type": "application/json", "Idempotency-Key": crypto.randomUUID() },
  });
  const told = await answer.json();
  assert.ok(answer.ok, `${method} ${path}: ${JSON.stringify(told)}`);
  return told;
}

export const scan = (credential) => api("POST", "/v1/scans", { credential, channel: "camera", earn: { units: 1 } }, demo.till_token);

/** A browser that keeps what it stores in a folder, and can be killed: {context, kill}. */
export async function keeping(t, profile) {
  const spawned = spawn(executablePath, [
    "--headless=new", "--no-sandbox", "--remote-debugging-port=0", `--user-data-dir=${profile}`, "--no-first-run", "--lang=en-US", "about:blank",
  ], { stdio: "ignore", detached: true });
  const kill = async () => {
    if (spawned.exitCode !== null || spawned.signalCode !== null) return;
    process.kill(-spawned.pid, "SIGKILL"); // with all processes of its own
    await once(spawned, "exit");
  };
  t.after(kill);
  let port;
  for (let i = 0; i < 150 && !port; i++) {
    await new Promise((resolve) => setTimeout(resolve, 200));
    port = await readFile(join(profile, "DevToolsActivePort"), "utf8").then((text) => text.split("\n")[0], () => undefined);
  }
  assert.ok(port, "the browser did not start");
  const connected = await chromium.connectOverCDP(`http://127.0.0.1:${port}`);
  return { context: connected.contexts()[0], kill: async () => { await kill(); await rm(join(profile, "DevToolsActivePort"), { force: true }); } };
}

/** Another browser, started with arguments of its own. */
export async function launch(t, args) {
  const another = await chromium.launch({ executablePath, args: ["--no-sandbox", ...args] });
  t.after(() => another.close());
  return another;
}

/** A page that notes what went wrong in it. */
export async function open(t, { within = browser, ...options } = {}) {
  const context = await within.newContext({ ...phone, ...options });
  if (within === browser) t.after(() => context.close()); // another one is closed whole
  const page = await context.newPage();
  page.complaints = [];
  page.on("pageerror", (error) => page.complaints.push(String(error)));
  page.on("console", (line) => { if (/Content.Security.Policy/i.test(line.text())) page.complaints.push(line.text()); });
  page.on("request", (request) => { if (!request.url().startsWith(demo.base_url) && !request.url().startsWith("data:")) page.complaints.push(request.url()); });
  return page;
}

export async function enrol(page, language, name) {
  await page.goto(joinPage(language, name));
  await page.locator("button.main").first().click();
  await page.waitForURL(/\/card\//);
}

export const drawnCode = (page) => page.locator("#screen svg path").waitFor({ timeout: 20_000 });
export async function keptOffline(page) {
  await page.locator('html[data-kept="yes"]').waitFor({ timeout: 30_000 });
  await page.evaluate(() => navigator.serviceWorker.ready);
}
export const stamps = (page) => page.locator(".count").first().getAttribute("data-have").then(Number);

export async function decode(page, name) {
  const file = join(pictures, `${name}.png`);
  await writeFile(file, await page.locator("#screen").screenshot());
  const { stdout } = await run("zbarimg", ["--quiet", "--raw", file]);
  return stdout.trim();
}

/** Waits for the text of another period than before. */
export async function nextCode(page, before, name) {
  for (let i = 0; i < 45; i++) {
    const text = await decode(page, name);
    if (text !== before) return text;
    await page.waitForTimeout(1000);
  }
  throw new Error("the code did not change");
}

/** What a program can find against WCAG 2.2 AA, with all that is folded open. */
export async function check(page, name) {
  await page.locator("details").evaluateAll((all) => all.forEach((one) => { one.open = true; }));
  if (!await page.evaluate(() => "axe" in globalThis)) await page.evaluate(await axe);
  const { violations } = await page.evaluate(() => globalThis.axe.run(document, { resultTypes: ["violations"], runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"] }));
  assert.deepEqual(violations.map((v) => `${name}: ${v.id}: ${v.nodes.map((n) => n.html).join(" ")}`), []);
}

const axe = readFile(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
