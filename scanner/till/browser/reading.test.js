// What is read wrong, what is none of our codes, readers that come and go, and how
// they are set.
import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";

import { demo, launch, start, stop } from "../../../passes/web/browser/site.js";
import { encoded, film, frame, rate } from "../readtest/film.js";
import { button, codeOf, fullCard, gun, look, newCard, on, paired, screens, show, stillCodeOf, typePIN } from "./desk.js";

before(start);
after(stop);

const middle = (modules, size = 260) => frame([{ modules, x: (640 - size) / 2, y: (480 - size) / 2, size }]);

async function filmed(t, scenes) {
  const folder = await mkdtemp(join(tmpdir(), "stempel-till-"));
  t.after(() => rm(folder, { recursive: true, force: true }));
  return paired(t, { within: await launch(t, await film(join(folder, "film.y4m"), scenes)) });
}

test("codes of other things in front of the camera: a plain sentence and a stable code each", async (t) => {
  const binary = String.fromCharCode(...Array.from({ length: 2900 }, (_, i) => (i * 131 + 7) % 256));
  const codes = [
    ["WIFI:T:WPA;S:Gość;P:tajne;;", "credential_unknown", /a Wi‑Fi network/],
    ["https://menu.example/today", "credential_unknown", /address of a web page/],
    ["BEGIN:VCARD\nFN:Anna\nEND:VCARD", "credential_unknown", /a business card/],
    ["PAYBACK-3083421998877", "credential_unknown", /not one of our cards/],
    ["x".repeat(1100), "credential_unknown", /not one of our cards/],
    ["STS.AAAAAAAAAAAAAAAA", "credential_malformed", /read incompletely/],
  ];
  const scenes = codes.map(([text]) => middle(encoded(text, { level: "L" }), text.length > 1000 ? 440 : 280));
  const page = await filmed(t, [...scenes, middle(encoded(binary, { level: "L", bytes: true }), 450)].map((scene) => [scene, rate]));
  const seen = new Map();
  for (let i = 0; i < 60 && seen.size < new Set(codes.map(([, , said]) => String(said))).size + 1; i++) {
    const answer = page.locator(".answer.no, .trouble");
    await answer.first().waitFor();
    const [code, said] = await answer.first().evaluate((one) => [one.dataset.code, one.innerText]);
    seen.set(said, code);
    if (await page.locator(".answer.no").count()) await button(page, "Next customer").click();
    else await page.waitForTimeout(200);
  }
  const all = [...seen];
  for (const [text, code, said] of codes) assert.ok(all.some(([told, which]) => which === code && said.test(told)), `${text.slice(0, 30)}: ${JSON.stringify(all)}`);
  assert.ok(all.some(([told, which]) => which === "too_long" && /holds too much/.test(told)), JSON.stringify(all));
  assert.deepEqual(page.complaints, []);
});

test("a reading that fails is told on every screen, and never beside the answer of the customer before", async (t) => {
  const page = await paired(t);
  const card = await newCard();
  const told = page.locator('#trouble[data-code="too_long"]:visible');
  await show(page, await codeOf(card));
  await gun(page, "x".repeat(3000));
  await told.waitFor();
  assert.match(await told.innerText(), /holds too much/);
  await look(page, "phone-trouble-on-card");
  await button(page, "+1 stamp").click();
  await on(page, "done");
  await gun(page, "x".repeat(3000));
  await on(page, "scan");
  await page.locator('.trouble[data-code="too_long"]').waitFor();
  assert.equal(await told.count(), 0, "it is told twice");
  await look(page, "phone-trouble-after-done");
  await gun(page, "5901234123457");
  await on(page, "refused");
  assert.equal(await page.locator(".trouble").count(), 0);
  await gun(page, "x".repeat(3000));
  await on(page, "scan");
  await page.locator('.trouble[data-code="too_long"]').waitFor();
  await button(page, "No card with them?").click();
  await told.waitFor();
  assert.deepEqual(page.complaints, []);
});

test("a card that is scanned while another is looked up is not dropped without a word", async (t) => {
  const page = await paired(t);
  const [first, second] = [await newCard(), await newCard()];
  const [one, two] = [await codeOf(first), await codeOf(second)];
  let go;
  const held = new Promise((resolve) => { go = resolve; });
  await page.route("**/v1/scans", async (route) => { await held; await route.continue(); });
  await gun(page, one);
  await gun(page, one); // guns stutter
  assert.equal(await page.locator("#trouble:visible").count(), 0);
  await gun(page, two);
  await page.getByText("this one was not taken").waitFor();
  await look(page, "phone-too-soon");
  go();
  await on(page, "card");
  assert.match(await page.locator("#whose").innerText(), new RegExp(first.slice(-4), "i"));
  await page.getByText("this one was not taken").waitFor();
  await gun(page, two);
  await page.locator("#whose", { hasText: second.slice(-4).toUpperCase() }).waitFor();
  assert.equal(await page.locator("#trouble:visible").count(), 0);
});

for (const [size, options, locale, words] of [["phone", screens.phone, "en", "Finish or go back first"], ["phone", screens.phone, "pl", "Najpierw dokończ albo cofnij się"], ["tablet", screens.tablet, "pl", "Najpierw dokończ albo cofnij się"], ["desk", screens.desk, "ro", "Mai întâi termină sau mergi înapoi"]]) {
  test(`a card that comes while something must be finished is not dropped without a word: ${size}, ${locale}`, async (t) => {
    const page = await paired(t, { ...options, locale, before: (context) => context.addInitScript(() => {
      globalThis.heard = 0;
      const start = OscillatorNode.prototype.start;
      OscillatorNode.prototype.start = function (...when) { if (this.type === "square") globalThis.heard++; return start.apply(this, when); };
    }) });
    const [{ card }, next] = [await fullCard(), await newCard()];
    const told = page.locator("#trouble:visible", { hasText: words });
    const refused = async (name) => {
      const heard = await page.evaluate(() => globalThis.heard);
      await gun(page, await codeOf(next));
      await told.waitFor();
      await on(page, name); // and nothing of it is typed or pressed
      assert.ok(await page.evaluate(() => globalThis.heard) > heard, `nothing was heard on ${name}`);
      await look(page, `unfinished-${size}-${locale}-${name}`);
    };
    await show(page, await stillCodeOf(card));
    await page.locator(".rewards li button").first().click();
    await on(page, "redeem");
    await refused("redeem");
    await page.locator("#screen button.main").click();
    await on(page, "pin");
    await refused("pin");
    assert.equal(await page.locator(".dots .there").count(), 0);
    await typePIN(page, demo.cashier_pin);
    await on(page, "done");
    await show(page, await codeOf(next));
    assert.equal(await told.count(), 0);
    assert.match(await page.locator("#whose").innerText(), new RegExp(next.slice(-4), "i"));
    assert.deepEqual(page.complaints, []);
  });
}

test("a slow gun is set once, and its codes are read whole", async (t) => {
  const page = await paired(t);
  await button(page, "Menu").click();
  await button(page, "Camera and readers").click();
  await on(page, "reading");
  await page.getByRole("button", { name: "slowly, with gaps (Bluetooth)" }).click();
  await page.locator('[aria-pressed="true"]', { hasText: "slowly" }).waitFor();
  await look(page, "phone-reading-gap");
  const code = await stillCodeOf(await newCard());
  await gun(page, code, { pace: 90 });
  await page.getByText(`${code.slice(-4)} (${code.length} characters)`).waitFor();
});

test("a product's barcode from the gun", async (t) => {
  const page = await paired(t);
  await gun(page, "5901234123457");
  await on(page, "refused");
  assert.match(await page.locator(".why").innerText(), /barcode of a product/);
});

test("the camera's picture goes when the camera is lost, and comes back by itself", async (t) => {
  const code = encoded(await stillCodeOf(await newCard()));
  const page = await filmed(t, [[frame(), 3 * rate], [middle(code), 2 * rate]]);
  while (!await page.evaluate(() => document.querySelector("video").videoWidth)) await page.waitForTimeout(100);
  await page.evaluate(() => {
    const { mediaDevices } = navigator;
    window.working = mediaDevices.getUserMedia.bind(mediaDevices);
    mediaDevices.getUserMedia = () => Promise.reject(new DOMException("another program has it", "NotReadableError"));
    const [track] = document.querySelector("video").srcObject.getVideoTracks();
    track.stop();
    track.dispatchEvent(new Event("ended"));
  });
  await page.locator('.trouble[data-code="camera_lost"]').waitFor();
  assert.equal(await page.locator("#finder").isVisible(), false);
  await page.evaluate(() => {
    navigator.mediaDevices.getUserMedia = window.working;
    navigator.mediaDevices.dispatchEvent(new Event("devicechange"));
  });
  await page.locator(".scan.seen").waitFor();
  assert.equal(await page.locator("#finder").isVisible(), true);
  assert.equal(await page.locator(".trouble").count(), 0);
  await on(page, "card");
});

test("a camera that another program has at the start is taken when it is free", async (t) => {
  const page = await filmed(t, [[frame(), rate]]);
  await page.addInitScript(() => {
    const { mediaDevices } = navigator;
    const working = mediaDevices.getUserMedia.bind(mediaDevices);
    mediaDevices.getUserMedia = (what) => (window.free ? working(what) : Promise.reject(new DOMException("busy", "NotReadableError")));
  });
  await page.reload();
  await page.locator('.trouble[data-code="camera_in_use"]').waitFor();
  await page.evaluate(() => { window.free = true; });
  await page.locator(".scan.seen").waitFor({ timeout: 15_000 });
  assert.equal(await page.locator(".trouble").count(), 0);
});

test("a torn tag, an empty one, and one of somebody else", async (t) => {
  const page = await paired(t);
  await page.addInitScript(() => {
    navigator.permissions.query = async () => ({ state: "granted" });
    window.NDEFReader = class extends EventTarget {
      async scan() { window.tag = this; }
    };
  });
  await page.reload();
  await on(page, "scan");
  const hold = (...records) => page.evaluate((records) => {
    const data = (text) => text && new DataView(new TextEncoder().encode(text).buffer);
    window.tag.dispatchEvent(Object.assign(new Event("reading"), { message: { records: records.map(([recordType, text]) => ({ recordType, data: data(text) })) } }));
  }, records);
  for (const [records, code, said] of [
    [[["url", undefined]], "nfc_torn", /taken away too early/], [[["empty"]], "nfc_empty", /nothing on this NFC tag/], [[["mime", "x"]], "nfc_foreign", /none of ours/],
  ]) {
    await hold(...records);
    await page.locator(`.trouble[data-code="${code}"]`).waitFor();
    assert.match(await page.locator(".trouble").innerText(), said);
  }
  await hold(["text", await stillCodeOf(await newCard())]);
  await on(page, "card");
});

/** Types as a gun does that is set to a US keyboard, on a device where Y and Z are the other way round. */
const swapped = { Y: "Z", Z: "Y", y: "z", z: "y" };
const germanGun = (page, text) => gun(page, text, { keyOf: (c) => ({
  key: swapped[c] ?? c, code: /[A-Za-z]/.test(c) ? `Key${c.toUpperCase()}` : /\d/.test(c) ? `Digit${c}` : "Period", shiftKey: /[A-Z]/.test(c),
}) });

test("keys of another keyboard: the other reading of them is tried, once", async (t) => {
  const page = await paired(t);
  const codes = [];
  page.on("request", (request) => { if (request.url().endsWith("/v1/scans")) codes.push(request.postDataJSON().credential); });
  let text = "";
  while (!/[YZ]/.test(text)) text = await stillCodeOf(await newCard());
  await germanGun(page, text);
  await on(page, "card");
  assert.equal(codes.length, 2);
  assert.equal(codes[1], text);

  codes.length = 0;
  await button(page, "Close").click();
  await germanGun(page, text.slice(0, -2).replace(/.$/, "Y"));
  await on(page, "refused");
  assert.equal(codes.length, 2, codes.join(" "));
});

test("what a gun types around each code is set once, and kept", async (t) => {
  const page = await paired(t);
  await button(page, "Menu").click();
  await button(page, "Camera and readers").click();
  await on(page, "reading");
  await gun(page, "AB-STS.7777ZZZZ");
  await page.getByText("Read: AB-STS.7777ZZZZ (15 characters)").waitFor();
  await page.locator("#prefix").fill("AB-");
  await page.locator("#suffix").fill("#");
  await page.locator("#suffix").blur();
  await button(page, "a US keyboard").click();
  await button(page, "a US keyboard").and(page.locator('[aria-pressed="true"]')).waitFor();
  await page.reload();
  await on(page, "scan");
  await show(page, `AB-${await codeOf(await newCard())}#`);
  await button(page, "Menu").click();
  await button(page, "Camera and readers").click();
  assert.deepEqual([await page.locator("#prefix").inputValue(), await page.locator("#suffix").inputValue()], ["AB-", "#"]);
  assert.deepEqual(page.complaints, []);
});

test("a serial reader's speed is set, and it is opened anew with it", async (t) => {
  const page = await paired(t);
  await page.addInitScript(() => {
    const serial = new EventTarget();
    let open = false;
    const port = {
      readable: null,
      async open(options) {
        if (open) throw new DOMException("it is open", "InvalidStateError");
        open = true;
        (window.opened ??= []).push(options.baudRate);
        port.readable = new ReadableStream({ start(controller) { window.sends = (text) => controller.enqueue(new TextEncoder().encode(text)); } });
      },
      async close() { open = false; port.readable = null; },
    };
    serial.getPorts = async () => [port];
    Object.defineProperty(navigator, "serial", { value: serial });
  });
  await page.reload();
  await on(page, "scan");
  await button(page, "Menu").click();
  await button(page, "Camera and readers").click();
  await button(page, "115,200").click();
  await button(page, "115,200").and(page.locator('[aria-pressed="true"]')).waitFor();
  await button(page, "Back").click();
  assert.deepEqual(await page.evaluate(() => window.opened), [9600, 115200]);
  await page.evaluate((text) => window.sends(`${text}\r\n`), await stillCodeOf(await newCard()));
  await on(page, "card");
});

test("a device with two cameras: the other one is a tap away, and stays chosen", async (t) => {
  const within = await launch(t, ["--use-fake-device-for-media-stream=device-count=2", "--use-fake-ui-for-media-stream"]);
  const page = await paired(t, { within });
  const eye = () => page.evaluate(() => document.querySelector("video").srcObject?.getVideoTracks()[0].label);
  await page.locator(".scan.seen").waitFor();
  await button(page, "Other camera").waitFor();
  const first = await eye();
  await button(page, "Other camera").click();
  for (let i = 0; i < 100 && ((await eye()) ?? first) === first; i++) await page.waitForTimeout(50);
  const second = await eye();
  assert.notEqual(second, first);
  await page.reload();
  await button(page, "Other camera").waitFor();
  assert.equal(await eye(), second);
  await button(page, "Menu").click();
  await button(page, "Camera and readers").click();
  await button(page, second).and(page.locator('[aria-pressed="true"]')).waitFor();
});
