// The camera in a real Chromium whose camera is a film.
import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";

import { drawn, encoded, film, frame, rate } from "./film.js";
import { liveText, rotatingText } from "./random.js";
import { open } from "./site.js";

/** Starts the reader on the films' page and keeps what it says in `told`. */
async function watch(t, scenes, more = []) {
  const folder = await mkdtemp(join(tmpdir(), "stempel-film-"));
  t.after(() => rm(folder, { recursive: true, force: true }));
  const opened = await open(t, [...(scenes ? await film(join(folder, "film.y4m"), scenes) : []), ...more]);
  await opened.page.evaluate(start);
  return opened;
}

/** In the page. It also watches the film's corner itself, to count the frames that a code needed. */
async function start(camera) {
  const { start } = await import("/read/camera.js");
  const video = document.getElementById("video");
  const told = { reads: [], troubles: [], ready: undefined };
  const canvas = new OffscreenCanvas(8, 8), context = canvas.getContext("2d", { willReadFrequently: true });
  let shown = 0, since = 0, given = 0;
  const look = (now, metadata) => {
    video.requestVideoFrameCallback(look);
    context.drawImage(video, 4, 4, 8, 8, 0, 0, 8, 8);
    const inView = context.getImageData(4, 4, 1, 1).data[0] > 128;
    if (!inView) shown = given = 0;
    else if (shown++ === 0) since = metadata.captureTime ?? now;
  };
  video.requestVideoFrameCallback(look);
  const bitmap = window.createImageBitmap.bind(window);
  window.createImageBitmap = (...all) => { if (shown) given++; return bitmap(...all); };
  window.told = told;
  window.reader = start({
    video, camera,
    onRead: (text, reading) => told.reads.push({ text, ...reading, given, total: performance.now() - since }),
    onTrouble: (trouble) => told.troubles.push(trouble.code),
    onReady: (ready) => { told.ready = ready; },
  });
}

// Asked from here: the page's policy lets nobody evaluate text in it.
async function until(page, work, arg) {
  for (let i = 0; i < 600; i++) {
    if (await page.evaluate(work, arg)) return;
    await page.waitForTimeout(50);
  }
  assert.fail(`it did not come to ${work}: ${JSON.stringify(await told(page))}`);
}
const told = (page) => page.evaluate(() => window.told);
const middle = (modules, size = 260, more = {}) => ({ modules, x: (640 - size) / 2, y: (480 - size) / 2, size, ...more });
const empty = frame();

test("a rotating code is read within two frames, each time it comes into view", async (t) => {
  const texts = Array.from({ length: 4 }, rotatingText);
  const tilts = [0, 0.2, -0.5, 1.2], sizes = [260, 180, 320, 140];
  const scenes = texts.flatMap((text, i) => [[empty, rate / 2], [frame([middle(drawn(text), sizes[i], { tilt: tilts[i] })]), rate / 2]]);
  const { page, complaints, asked } = await watch(t, scenes);
  await until(page, () => window.told.reads.length >= 9);
  const { reads, troubles, ready } = await told(page);
  const settled = reads.slice(1); // the first may wait for the decoder to be loaded
  const sorted = (name) => settled.map((r) => Math.round(r[name] * 10) / 10).sort((a, b) => a - b).join(" ");
  t.diagnostic(`code in view → text: ${sorted("total")} ms`);
  t.diagnostic(`  capture → decoder: ${sorted("camera")} ms`);
  t.diagnostic(`  decode (${ready.decoder}): ${sorted("decode")} ms`);
  t.diagnostic(`  frames: ${sorted("given")}`);
  for (const text of reads.map((r) => r.text)) assert.ok(texts.includes(text), text);
  assert.deepEqual(new Set(reads.map((r) => r.text)), new Set(texts));
  for (const { given } of settled) assert.ok(given === 1 || given === 2, `a code needed ${given} frames`);
  for (const r of reads) assert.ok(r.channel === "camera" && r.at > 1.7e12 && r.ms >= r.decode, JSON.stringify(r));
  assert.deepEqual([troubles, complaints, ready.decoder], [[], [], "wasm"]);
  assert.ok(asked.includes("/zxing/zxing_reader.wasm"));
});

test("live tokens, dark screens and codes of others are handed on as they are", async (t) => {
  const live = liveText(), dark = rotatingText();
  const wifi = "WIFI:T:WPA;S:Gość;P:tajne;;", other = "https://rewards.example/c/998877?u=ștampilă", long = "ab".repeat(700);
  const codes = [middle(encoded(live), 300), middle(drawn(dark), 240, { inverted: true }), middle(encoded(wifi)), middle(encoded(other)), middle(encoded(long, { level: "L" }), 430)];
  const { page, complaints } = await watch(t, codes.flatMap((code) => [[frame([code]), 10], [empty, 4]]));
  await until(page, () => new Set(window.told.reads.map((r) => r.text)).size >= 5);
  const { reads, troubles } = await told(page);
  assert.deepEqual(new Set(reads.map((r) => r.text)), new Set([live, dark, wifi, other, long]));
  assert.deepEqual([troubles, complaints], [[], []]);
});

test("a code that holds too much is refused, and the next is read", async (t) => {
  const text = rotatingText();
  const binary = String.fromCharCode(...Array.from({ length: 2900 }, (_, i) => (i * 131 + 7) % 256));
  const { page, complaints } = await watch(t, [[frame([middle(encoded(binary, { level: "L", bytes: true }), 450)]), 15], [empty, 5], [frame([middle(drawn(text))]), 10]]);
  await until(page, () => window.told.reads.length && window.told.troubles.length);
  const { reads, troubles } = await told(page);
  assert.deepEqual(new Set(reads.map((r) => r.text)), new Set([text]));
  assert.deepEqual([new Set(troubles), complaints], [new Set(["too_long"]), []]);
});

test("with two codes in view none is read, until one is alone", async (t) => {
  const [left, right] = [rotatingText(), rotatingText()];
  const both = frame([{ modules: drawn(left), x: 50, y: 130, size: 200 }, { modules: drawn(right), x: 390, y: 130, size: 200 }]);
  const alone = frame([{ modules: drawn(right), x: 390, y: 130, size: 200 }]);
  const { page, complaints } = await watch(t, [[both, 40], [alone, 30]]);
  await until(page, () => window.told.reads.length);
  const { reads, troubles } = await told(page);
  assert.deepEqual(reads.map((r) => r.text), [right]);
  assert.deepEqual([troubles.slice(0, 1), complaints], [["two_codes"], []]);
});

test("the page itself loads no decoder", async (t) => {
  const { page } = await watch(t, [[frame([middle(encoded(liveText()), 300)]), 20]]);
  await until(page, () => window.told.reads.length);
  const loaded = await page.evaluate(() => performance.getEntriesByType("resource").map((e) => new URL(e.name).pathname));
  assert.deepEqual(loaded.filter((path) => path.startsWith("/zxing/")), []);
});

test("no camera, none allowed, a lost one, and stop", async (t) => {
  const none = await watch(t, undefined);
  await until(none.page, () => window.told.troubles.length);
  assert.deepEqual((await told(none.page)).troubles, ["camera_missing"]);

  const text = rotatingText();
  const { page, complaints } = await watch(t, [[frame([middle(drawn(text))]), 20], [empty, 40]]);
  await until(page, () => window.told.reads.length === 1);
  await page.evaluate(() => document.getElementById("video").srcObject.getVideoTracks()[0].dispatchEvent(new Event("ended")));
  await until(page, () => window.told.troubles.includes("camera_lost"));
  await page.evaluate(async () => {
    window.told.ready = undefined;
    const { mediaDevices } = navigator, working = mediaDevices.getUserMedia.bind(mediaDevices);
    mediaDevices.getUserMedia = () => Promise.reject(new DOMException("still away", "NotFoundError"));
    mediaDevices.dispatchEvent(new Event("devicechange")); // as unplugging itself is told
    await new Promise((resolve) => setTimeout(resolve, 200));
    mediaDevices.getUserMedia = working;
    mediaDevices.dispatchEvent(new Event("devicechange"));
  });
  await until(page, () => window.told.ready);
  const count = (await told(page)).reads.length;
  await until(page, (count) => window.told.reads.length > count, count);
  await page.evaluate(() => window.reader.stop());
  const after = await told(page);
  await page.waitForTimeout(4000);
  assert.deepEqual(await told(page), after, "it went on after stop()");
  assert.equal(await page.evaluate(() => document.getElementById("video").srcObject), null);
  assert.deepEqual(complaints, []);

  for (const [name, code] of [["NotAllowedError", "camera_denied"], ["NotReadableError", "camera_in_use"], ["OverconstrainedError", "camera_missing"], ["TypeError", "camera_failed"]]) {
    await page.evaluate((name) => { navigator.mediaDevices.getUserMedia = () => Promise.reject(new DOMException("no", name)); }, name);
    await page.evaluate(start);
    await until(page, () => window.told.troubles.length);
    assert.deepEqual((await told(page)).troubles, [code]);
  }
});

test("a camera that is silenced for a while, and one that was chosen and is gone for good", async (t) => {
  const text = rotatingText();
  const { page, complaints } = await watch(t, [[frame([middle(drawn(text))]), 20], [empty, 40]]);
  const silence = (event) => page.evaluate((event) => document.getElementById("video").srcObject.getVideoTracks()[0].dispatchEvent(new Event(event)), event);
  await until(page, () => window.told.ready);
  await silence("mute");
  await until(page, () => window.told.troubles.join() === "camera_lost");
  await page.evaluate(() => { window.told.ready = undefined; });
  await silence("unmute");
  await until(page, () => window.told.ready);

  await page.evaluate(() => window.reader.stop());
  await page.evaluate(start, "f".repeat(64));
  await until(page, () => window.told.reads.length);
  const { reads, troubles, ready } = await told(page);
  assert.deepEqual([reads[0].text, troubles, complaints], [text, [], []]);
  assert.notEqual(ready.camera, "f".repeat(64));
});

test("a camera that another program has is taken when it is free", async (t) => {
  const { page } = await watch(t, [[frame([middle(drawn(rotatingText()))]), 20], [empty, 40]]);
  await until(page, () => window.told.ready);
  await page.evaluate(() => {
    window.reader.stop();
    const { mediaDevices } = navigator, working = mediaDevices.getUserMedia.bind(mediaDevices);
    let tries = 0;
    mediaDevices.getUserMedia = (what) => (++tries < 3 ? Promise.reject(new DOMException("busy", "NotReadableError")) : working(what));
  });
  await page.evaluate(start);
  await until(page, () => window.told.reads.length);
  assert.deepEqual((await told(page)).troubles, ["camera_in_use"]);
});

test("without its decoder it says so", async (t) => {
  const folder = await mkdtemp(join(tmpdir(), "stempel-film-"));
  t.after(() => rm(folder, { recursive: true, force: true }));
  const { page } = await open(t, await film(join(folder, "film.y4m"), [[empty, 20]]));
  await page.context().route("**/*.wasm", (route) => route.fulfill({ status: 500 }));
  await page.evaluate(start);
  await until(page, () => window.told.troubles.length);
  assert.deepEqual((await told(page)).troubles, ["decoder_failed"]);
});
