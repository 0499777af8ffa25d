// NFC and serial readers in a real Chromium, on devices made up here: it has none.
import assert from "node:assert/strict";
import { test } from "node:test";

import { rotatingText } from "./random.js";
import { open } from "./site.js";

const told = (page) => page.evaluate(() => window.told);
async function until(page, work) {
  for (let i = 0; i < 200; i++) {
    if (work(await told(page))) return;
    await page.waitForTimeout(25);
  }
  assert.fail(`it did not come to ${work}: ${JSON.stringify(await told(page))}`);
}

/** In the page: starts a reader, and keeps what it says. */
async function start([name, settings]) {
  const told = { reads: [], troubles: [], ready: 0 };
  window.told = told;
  window.reader = (await import(`/read/${name}.js`)).start({
    onRead: (text, reading) => told.reads.push({ text, ...reading }),
    onTrouble: (trouble) => told.troubles.push(trouble.code),
    onReady: () => { told.ready++; },
    ...settings,
  });
}

/** In the page: Web NFC as far as the reader uses it. */
function madeNFC([permission, refusal]) {
  navigator.permissions.query = async () => ({ state: permission });
  window.NDEFReader = class extends EventTarget {
    async scan({ signal }) {
      if (refusal) throw new DOMException("no", refusal);
      window.tag = this;
      signal.addEventListener("abort", () => { window.aborted = true; });
    }
  };
  window.tap = (...records) => {
    const data = (text) => new DataView(new TextEncoder().encode(text).buffer);
    const message = { records: records.map(([recordType, text]) => ({ recordType, data: text === undefined ? null : data(text) })) };
    window.tag.dispatchEvent(Object.assign(new Event("reading"), { message }));
  };
}

test("tags are read: texts, addresses, torn and foreign ones", async (t) => {
  const { page, complaints } = await open(t);
  const text = rotatingText(), address = "https://loyalty.example/t?picc=00FF";
  await page.evaluate(madeNFC, ["granted"]);
  await page.evaluate(start, ["nfc"]);
  await until(page, ({ ready }) => ready === 1);
  await page.evaluate(([text, address]) => {
    window.tap(["text", text]);
    window.tap(["url", address]);
    window.tap();
    window.tap(["empty"]);
    window.tap(["url"]);
    window.tap(["mime", "x"]);
    window.tag.dispatchEvent(new Event("readingerror"));
    window.tap(["text", "A".repeat(2049)]);
    window.tap(["text", text]);
  }, [text, address]);
  const { reads, troubles } = await told(page);
  assert.deepEqual(reads.map((r) => [r.text, r.channel]), [[text, "nfc"], [address, "nfc"], [text, "nfc"]]);
  assert.deepEqual(troubles, ["nfc_empty", "nfc_empty", "nfc_torn", "nfc_foreign", "nfc_torn", "too_long"]);
  await page.evaluate(() => { window.reader.stop(); window.tap(["text", "late"]); });
  assert.equal((await told(page)).reads.length, 3);
  assert.equal(await page.evaluate(() => window.aborted), true);
  assert.deepEqual(complaints, []);
});

test("permission for tags is asked for at a press of a button", async (t) => {
  const { page } = await open(t);
  await page.evaluate(() => { delete window.NDEFReader; });
  await page.evaluate(start, ["nfc"]);
  await until(page, ({ troubles }) => troubles.join() === "nfc_unsupported");
  await page.evaluate(madeNFC, ["prompt"]);
  await page.evaluate(start, ["nfc"]);
  await until(page, ({ troubles, ready }) => troubles.join() === "nfc_ask" && ready === 0);
  await page.evaluate(() => window.reader.ask());
  assert.equal((await told(page)).ready, 1);
  await page.evaluate(madeNFC, ["denied"]);
  await page.evaluate(start, ["nfc"]);
  await until(page, ({ troubles }) => troubles.join() === "nfc_denied");
  for (const [refusal, code] of [["NotAllowedError", "nfc_denied"], ["NotReadableError", "nfc_off"], ["NotSupportedError", "nfc_off"]]) {
    await page.evaluate(madeNFC, ["granted", refusal]);
    await page.evaluate(start, ["nfc"]);
    await until(page, ({ troubles }) => troubles.join() === code);
  }
});

/** In the page: Web Serial with one port, which can be plugged and unplugged. */
function madeSerial({ chosen = true, refusal } = {}) {
  const serial = new EventTarget();
  let source, present = chosen;
  const stream = () => new ReadableStream({ start(controller) { source = controller; } });
  const port = {
    readable: null,
    async open(options) {
      if (refusal) throw new DOMException("no", refusal);
      window.opened = options;
      port.readable = stream();
    },
    async close() { port.readable = null; },
  };
  serial.getPorts = async () => (present ? [port] : []);
  serial.requestPort = async () => { if (window.cancels) throw new DOMException("none", "NotFoundError"); present = true; return port; };
  Object.defineProperty(navigator, "serial", { value: serial, configurable: true });
  window.sends = (text) => source.enqueue(new TextEncoder().encode(text));
  window.garbles = () => { const old = source; port.readable = stream(); old.error(new DOMException("parity", "ParityError")); };
  window.unplugs = () => { present = false; port.readable = null; source.error(new DOMException("gone", "NetworkError")); };
  window.plugs = () => { present = true; serial.dispatchEvent(new Event("connect")); };
}

test("a serial reader's lines, torn characters, and unplugging", async (t) => {
  const { page, complaints } = await open(t);
  const [first, second, third] = [rotatingText(), rotatingText(), rotatingText()];
  await page.evaluate(madeSerial);
  await page.evaluate(start, ["serial", { baudRate: 115200 }]);
  await until(page, ({ ready }) => ready === 1);
  assert.deepEqual(await page.evaluate(() => window.opened), { baudRate: 115200 });
  await page.evaluate((text) => { window.sends(text.slice(0, 10)); window.sends(`${text.slice(10)}\r\n`); }, first);
  await until(page, ({ reads }) => reads.length === 1);
  await page.evaluate(() => window.garbles());
  await until(page, ({ troubles }) => troubles.length === 1);
  await page.evaluate((text) => window.sends(`\x02${text}\x03`), second);
  await until(page, ({ reads }) => reads.length === 2);
  await page.evaluate(() => { window.sends("STR.HA"); });
  await page.evaluate(() => window.unplugs());
  await until(page, ({ troubles }) => troubles.length === 2);
  await page.evaluate(() => window.plugs());
  await until(page, ({ ready }) => ready === 2);
  await page.evaluate((text) => window.sends(`${text}\n`), third);
  await until(page, ({ reads }) => reads.length === 3);
  const { reads, troubles } = await told(page);
  assert.deepEqual(reads.map((r) => [r.text, r.channel]), [[first, "nfc"], [second, "nfc"], [third, "nfc"]]);
  assert.deepEqual(troubles, ["serial_torn", "serial_lost"]);
  await page.evaluate(() => window.reader.stop());
  await page.evaluate(() => window.plugs());
  assert.deepEqual([(await told(page)).ready, complaints], [2, []]);
});

test("a reader that sends a tag's bytes in hexadecimal digits", async (t) => {
  const { page } = await open(t);
  await page.evaluate(madeSerial);
  await page.evaluate(start, ["serial", { lines: "hex" }]);
  await until(page, ({ ready }) => ready === 1);
  await page.evaluate(() => window.sends("D1010B5402706C5354532E41424344\rD1010B54\r"));
  await until(page, ({ troubles }) => troubles.length === 1);
  const { reads, troubles } = await told(page);
  assert.deepEqual([reads.map((r) => r.text), troubles], [["STS.ABCD"], ["nfc_torn"]]);
});

test("a serial reader is chosen at a press of a button", async (t) => {
  const { page } = await open(t);
  await page.evaluate(() => Object.defineProperty(navigator, "serial", { value: undefined, configurable: true }));
  await page.evaluate(start, ["serial"]);
  await until(page, ({ troubles }) => troubles.join() === "serial_unsupported");
  await page.evaluate(madeSerial, { chosen: false });
  await page.evaluate(start, ["serial"]);
  await until(page, ({ troubles }) => troubles.join() === "serial_ask");
  await page.evaluate(async () => { window.cancels = true; await window.reader.ask(); });
  assert.deepEqual((await told(page)).troubles, ["serial_ask", "serial_denied"]);
  await page.evaluate(() => { window.cancels = false; window.reader.ask(); });
  await until(page, ({ ready }) => ready === 1);
  for (const [refusal, code] of [["NetworkError", "serial_in_use"], ["TypeError", "serial_failed"]]) {
    await page.evaluate(madeSerial, { refusal });
    await page.evaluate(start, ["serial"]);
    await until(page, ({ troubles }) => troubles.join() === code);
  }
});
