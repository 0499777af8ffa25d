// The keyboard in a real Chromium: keys made in the page at a gun's exact pace, and
// keys from the browser itself, as fast as it gives them.
import assert from "node:assert/strict";
import { test } from "node:test";

import { strokes } from "./keys.js";
import { liveText, rotatingText, textOf } from "./random.js";
import { open } from "./site.js";

async function typing(t, settings = {}) {
  const opened = await open(t);
  await opened.page.evaluate(async (settings) => {
    const { start } = await import("/read/wedge.js");
    const told = { reads: [], troubles: [], clicks: 0 };
    document.getElementById("button").addEventListener("click", () => { told.clicks++; });
    window.told = told;
    window.reader = start({
      onRead: (text, reading) => told.reads.push({ text, ...reading }),
      onTrouble: (trouble) => told.troubles.push(trouble.code),
      ...settings,
    });
  }, settings);
  return opened;
}

const told = (page) => page.evaluate(() => window.told);
const pin = (page) => page.locator("#pin").inputValue();
const codes = Array.from({ length: 30 }, (_, i) => (i % 2 ? rotatingText() : liveText()));

/** What a browser does with a key, without one: the events, and the text if nobody took the key. */
function pressAll(keys) {
  const target = document.activeElement ?? document.body;
  for (const { key, code, shift = false, ctrl = false, at } of keys) {
    const event = new KeyboardEvent("keydown", { key, code, shiftKey: shift, ctrlKey: ctrl, bubbles: true, cancelable: true });
    Object.defineProperty(event, "timeStamp", { value: at });
    const passed = target.dispatchEvent(event);
    if (!passed || ctrl) continue;
    if (key.length === 1 && "value" in target) target.value += key;
    if (key === "Enter" && target.tagName === "BUTTON") target.click();
  }
}

for (const focus of ["body", "#button", "#pin"]) {
  test(`30 scans at 20 characters per 10 ms lose none, with ${focus} in focus`, async (t) => {
    const { page, complaints } = await typing(t);
    if (focus !== "body") await page.locator(focus).focus();
    const keys = strokes(codes.map((c) => `${c}\r`).join(""), { from: 1000, gap: 0.5 });
    await page.evaluate(pressAll, keys);
    const { reads, troubles, clicks } = await told(page);
    assert.deepEqual(reads.map((r) => r.text), codes);
    t.diagnostic(`${codes.length} codes of ${codes.join("").length} characters typed in ${keys.at(-1).at - 1000} ms`);
    assert.deepEqual([await pin(page), troubles, clicks, complaints], ["", [], 0, []]);
    for (const r of reads) assert.ok(r.channel === "wedge" && r.ms > 0 && r.second === undefined);
  });
}

test("a screen that fails over one code does not cost the next", async (t) => {
  const { page } = await typing(t);
  await page.evaluate(async () => {
    window.reader.stop();
    const { start } = await import("/read/wedge.js");
    start({ onRead: (text) => { window.told.reads.push({ text }); throw new Error("the screen failed"); }, onTrouble() {} });
  });
  await page.evaluate(pressAll, strokes(codes.map((c) => `${c}\r`).join("")));
  assert.deepEqual((await told(page)).reads.map((r) => r.text), codes);
});

const windowsKey = (key) => ({ Enter: 13, Tab: 9, Shift: 16 })[key] ?? key.toUpperCase().charCodeAt(0);

/** Keys from the browser, none waiting for the one before. Their times are those of the keys. */
async function pressed(page, keys) {
  const session = await page.context().newCDPSession(page);
  const base = Date.now() / 1000; // not before the page was opened, where times end
  const sent = [];
  for (const { key, code, shift = false, ctrl = false, at } of keys) {
    const text = key === "Enter" ? "\r" : key.length === 1 && !ctrl ? key : undefined;
    const one = { key, code, modifiers: (shift ? 8 : 0) | (ctrl ? 2 : 0), windowsVirtualKeyCode: windowsKey(key), timestamp: base + at / 1000 };
    sent.push(session.send("Input.dispatchKeyEvent", { type: text ? "keyDown" : "rawKeyDown", text, ...one }));
    sent.push(session.send("Input.dispatchKeyEvent", { type: "keyUp", ...one }));
  }
  await Promise.all(sent);
}

test("30 scans by the browser's own keys lose none, and press no button", async (t) => {
  const { page, complaints } = await typing(t);
  await page.locator("#button").focus();
  const codes = Array.from({ length: 30 }, rotatingText);
  for (const code of codes) await pressed(page, strokes(`${code}\r\n`));
  const { reads, clicks } = await told(page);
  assert.deepEqual(reads.map((r) => r.text), codes);
  assert.deepEqual([clicks, complaints], [0, []]);
});

test("a person types a PIN, a gun in between, and the PIN is whole", async (t) => {
  const { page } = await typing(t);
  await page.locator("#pin").focus();
  const code = rotatingText();
  const digits = textOf("0123456789", 4);
  const slowly = (text, from) => strokes(text, { from, gap: 400 });
  const gun = strokes(`${code}\r`, { from: 2000, gap: 0.5 });
  await pressed(page, [...slowly(digits.slice(0, 2), 0), ...gun, ...slowly(digits.slice(2), 3000)]);
  assert.deepEqual((await told(page)).reads.map((r) => r.text), [code]);
  assert.equal(await pin(page), digits);
});

test("a gun right after a few fast keys costs none of them", async (t) => {
  const { page } = await typing(t);
  await page.locator("#pin").focus();
  const code = rotatingText();
  await page.evaluate(pressAll, [...strokes("12345", { from: 0, gap: 5 }), ...strokes(`${code}\r`, { from: 200 }), ...strokes("678", { from: 400, gap: 5 })]);
  assert.deepEqual((await told(page)).reads.map((r) => r.text), [code]);
  assert.equal(await pin(page), "12345678");
});

test("a few fast keys come back to the field they were meant for", async (t) => {
  const { page } = await typing(t);
  await page.locator("#pin").focus();
  await pressed(page, strokes("123456", { gap: 10 }));
  for (let i = 0; i < 100 && (await pin(page)) !== "123456"; i++) await page.waitForTimeout(50);
  assert.equal(await pin(page), "123456");
  assert.deepEqual((await told(page)).reads, []);
});

test("keys that a busy device gives late still belong to their code", async (t) => {
  const { page } = await typing(t);
  const [first, second] = [rotatingText(), rotatingText()];
  await page.evaluate(pressAll, strokes(`${first}\r`, { from: 0 }));
  const keys = strokes(`${second}\r`, { from: 1000 });
  await page.evaluate(pressAll, keys.slice(0, 40));
  await page.waitForTimeout(600);
  await page.evaluate(pressAll, keys.slice(40));
  assert.deepEqual((await told(page)).reads.map((r) => r.text), [first, second]);
});

test("a gun without an end is read after a silence, and the page's own Enter works", async (t) => {
  const { page } = await typing(t);
  const code = rotatingText();
  await page.evaluate(pressAll, strokes(code));
  for (let i = 0; i < 100 && (await told(page)).reads.length === 0; i++) await page.waitForTimeout(50);
  assert.deepEqual((await told(page)).reads.map((r) => r.text), [code]);
  await page.locator("#button").focus();
  await pressed(page, [{ key: "Enter", code: "Enter", at: 2000 }]);
  assert.equal((await told(page)).clicks, 1);
});

test("text that comes without keys, as from a reader's own app", async (t) => {
  const { page } = await typing(t);
  const code = rotatingText();
  await page.locator("#pin").focus();
  const session = await page.context().newCDPSession(page);
  await page.evaluate((code) => {
    const insert = (data, inputType = "insertText") => document.getElementById("pin")
      .dispatchEvent(new InputEvent("beforeinput", { data, inputType, bubbles: true, cancelable: true }));
    window.passed = [insert(code), insert(null, "insertLineBreak")];
  }, code);
  for (let i = 0; i < 100 && (await told(page)).reads.length === 0; i++) await page.waitForTimeout(50);
  assert.deepEqual((await told(page)).reads.map((r) => r.text), [code]);
  assert.equal(await page.evaluate(() => window.passed[0]), false);
  await session.send("Input.insertText", { text: "Ania" });
  assert.equal(await pin(page), "Ania");

  // Fields for words take what a keyboard suggests, and no code.
  await page.evaluate(() => { document.getElementById("pin").dataset.words = ""; });
  await session.send("Input.insertText", { text: " anna@example.org" });
  assert.equal(await pin(page), "Ania anna@example.org");
  await session.send("Input.insertText", { text: rotatingText() });
  assert.equal(await pin(page), "Ania anna@example.org");
});
