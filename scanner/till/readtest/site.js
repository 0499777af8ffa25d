// A page that loads the till's readers, under the till's own policy, in a real
// browser. CHROMIUM names the browser.
import assert from "node:assert/strict";
import { createServer } from "node:http";
import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join, normalize } from "node:path";

import { chromium } from "playwright-core";

// That of embed.go: a test there holds them together.
const policy = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; img-src 'self' data: blob:; media-src 'self' blob:; connect-src 'self'; manifest-src 'self'; worker-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

const executablePath = process.env.CHROMIUM ?? ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"].find(existsSync);
const types = { ".js": "text/javascript", ".wasm": "application/wasm", ".html": "text/html; charset=utf-8" };
const page = `<!doctype html><title>Readers</title><link rel="icon" href="data:,"><video id="video" width="640" height="480"></video><input id="pin" inputmode="numeric"><button id="button">+1</button>`;

/** Serves the readers; asked holds every path that was. */
export async function serve(t) {
  const asked = [];
  const server = createServer(async (request, response) => {
    const { pathname } = new URL(request.url, "http://localhost");
    asked.push(pathname);
    try {
      const zipped = pathname.endsWith(".wasm"); // as it is kept
      const body = pathname === "/" ? page : await readFile(join(import.meta.dirname, "../assets", normalize(pathname) + (zipped ? ".gz" : "")));
      response.writeHead(200, { "Content-Type": types[/\.\w+$/.exec(pathname)?.[0] ?? ".html"], "Content-Security-Policy": policy, ...(zipped && { "Content-Encoding": "gzip" }) });
      response.end(body);
    } catch {
      response.writeHead(404).end();
    }
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  t.after(() => server.close());
  return { url: `http://127.0.0.1:${server.address().port}/`, asked };
}

/** Opens the page in a browser of its own; complaints are what it and the policy do not like. */
export async function open(t, args = []) {
  assert.ok(executablePath, "no Chromium was found: name it in CHROMIUM");
  const site = await serve(t);
  const browser = await chromium.launch({ executablePath, args: ["--no-sandbox", ...args] });
  t.after(() => browser.close());
  const page = await browser.newPage();
  const complaints = [];
  page.on("pageerror", (error) => complaints.push(String(error)));
  page.on("console", (message) => { if (message.type() === "error") complaints.push(message.text()); });
  await page.goto(site.url);
  return { page, complaints, asked: site.asked };
}
