import assert from "node:assert/strict";
import { test } from "node:test";

import { lineText } from "../assets/read/lines.js";
import { NoText, recordsOf, textOf } from "../assets/read/ndef.js";
import { between, oneOf, rotatingText } from "./random.js";

const utf8 = (text) => [...new TextEncoder().encode(text)];
function record(tnf, type, payload, { first = true, last = true, id = "", long = payload.length > 255 } = {}) {
  const flags = (first ? 0x80 : 0) | (last ? 0x40 : 0) | (long ? 0 : 0x10) | (id ? 0x08 : 0);
  const length = long ? [payload.length >>> 24, (payload.length >> 16) & 255, (payload.length >> 8) & 255, payload.length & 255] : [payload.length];
  return [flags | tnf, type.length, ...length, ...(id ? [id.length] : []), ...utf8(type), ...utf8(id), ...payload];
}
const text = (t, more) => record(1, "T", [2, ...utf8("pl"), ...utf8(t)], more);
const address = (start, t, more) => record(1, "U", [start, ...utf8(t)], more);
const wrapped = (message) => [0x03, ...(message.length < 255 ? [message.length] : [255, message.length >> 8, message.length & 255]), ...message, 0xfe];
const hex = (all) => all.map((b) => b.toString(16).padStart(2, "0")).join("");
const read = (all) => textOf(recordsOf(Uint8Array.from(all)));
const code = (work) => { try { return work(); } catch (error) { assert.ok(error instanceof NoText, error.stack); return error.code; } };

const card = "STS.ABCDEFG", tag = "example.com/t?d=00ff";
const messages = {
  text: [text(card), card],
  "a long text": [text("A".repeat(1000)), "A".repeat(1000)],
  "UTF-16": [record(1, "T", [0x82, ...utf8("ro"), 0x02, 0x18, 0, 0x41]), "Ș" + "A"],
  address: [address(4, tag), `https://${tag}`],
  "an address without a start": [address(0, `https://${tag}`), `https://${tag}`],
  "a named one": [address(4, tag, { id: "x1" }), `https://${tag}`],
  "a poster": [record(1, "Sp", [...text("Lody", { last: false }), ...address(4, tag, { first: false })]), `https://${tag}`],
  "an absolute address": [record(3, `https://${tag}`, []), `https://${tag}`],
  "plain text as a file": [record(2, "text/plain", utf8(card)), card],
  "after one of another": [[...record(4, "android.com:pkg", utf8("com.android.chrome"), { last: false }), ...text(card, { first: false })], card],
};

for (const [name, [message, want]] of Object.entries(messages)) {
  test(`${name} is read; torn anywhere it is not`, () => {
    assert.equal(read(message), want);
    assert.equal(read(wrapped(message)), want);
    assert.equal(lineText(hex(message), "hex"), want);
    for (let cut = 0; cut < message.length; cut++) {
      assert.match(code(() => read(message.slice(0, cut))), cut ? /^nfc_torn$/ : /^nfc_empty$/, `cut at ${cut}`);
      assert.match(code(() => read(wrapped(message).slice(0, cut + 2))), /^nfc_(torn|empty)$/, `wrapped, cut at ${cut}`);
    }
  });
}

test("tags that hold nothing of use", () => {
  for (const [name, message, want] of [
    ["formatted", record(0, "", []), "nfc_empty"], ["an empty TLV", [3, 0, 0xfe], "nfc_empty"], ["nothing", [], "nfc_empty"],
    ["a contact", record(2, "text/vcard", utf8("BEGIN:VCARD")), "nfc_foreign"], ["an app", record(4, "android.com:pkg", utf8("x")), "nfc_foreign"],
    ["not UTF-8", record(1, "T", [2, 112, 108, 0xff]), "nfc_torn"], ["no start 99", address(99, "x"), "nfc_torn"],
    ["a piece of one", [record(1, "T", [2, 112, 108, 65])[0] | 0x20, 1, 4, 84, 2, 112, 108, 65], "nfc_torn"],
    ["no first record", text(card, { first: false }), "nfc_torn"], ["a length of 4 GiB", [0xc1, 1, 255, 255, 255, 255, 84], "nfc_torn"],
  ]) assert.equal(code(() => read(message)), want, name);
});

test("any bytes at all give a text or a known trouble", () => {
  const some = Object.values(messages).map(([message]) => message);
  for (let i = 0; i < 5000; i++) {
    const bytes = i % 2 ? Array.from({ length: between(0, 60) }, () => between(0, 255)) : [...oneOf(some)];
    if (!(i % 2)) bytes[between(0, bytes.length - 1)] ^= 1 << between(0, 7);
    assert.equal(typeof code(() => read(bytes)), "string");
    assert.equal(typeof code(() => lineText(hex(bytes), "hex")), "string");
  }
});

test("lines as readers send them", () => {
  const rotating = rotatingText();
  assert.equal(lineText(rotating, "text"), rotating);
  assert.equal(lineText(hex(utf8(rotating)).toUpperCase(), "hex"), rotating);
  assert.equal(lineText(hex(text(card)).replace(/../g, "$& ").trim(), "hex"), card);
  assert.equal(lineText(`0x${hex(text(card))}`, "hex"), card);
  for (const line of ["", "0x", "ABC", "STS.ABC", "04a1b2c3d4e5f6"]) assert.equal(code(() => lineText(line, "hex")), "nfc_torn", line);
});

test("what Web NFC gives", () => {
  const view = (t) => new DataView(new TextEncoder().encode(t).buffer);
  assert.equal(textOf([{ recordType: "text", encoding: "utf-8", data: view(card) }]), card);
  assert.equal(textOf([{ recordType: "mime", mediaType: "image/png", data: view("x") }, { recordType: "url", data: view(`https://${tag}`) }]), `https://${tag}`);
  assert.equal(code(() => textOf([])), "nfc_empty");
  assert.equal(code(() => textOf([{ recordType: "empty" }])), "nfc_empty");
  assert.equal(code(() => textOf([{ recordType: "url", data: null }])), "nfc_torn");
  assert.equal(code(() => textOf([{ recordType: "text", encoding: "klingon", data: view("x") }])), "nfc_torn");
  assert.equal(code(() => textOf([{ recordType: "example.com:x", data: view("x") }])), "nfc_foreign");
});
