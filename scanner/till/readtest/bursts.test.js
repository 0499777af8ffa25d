import assert from "node:assert/strict";
import { test } from "node:test";

import { Bursts } from "../assets/read/bursts.js";
import { layouts, strokes } from "./keys.js";
import { between, liveText, oneOf, rotatingText, textOf } from "./random.js";

/** What came of keys: the texts read, and what a field would hold that had the focus. */
function type(bursts, keys) {
  const reads = [], troubles = [];
  let field = "", before = "", seen = "";
  const apply = (effects) => {
    for (const e of effects) {
      if (e.read !== undefined) reads.push(e);
      if (e.trouble) troubles.push(e.trouble);
      if (e.begins) field = before;
      if (e.back) field += e.back;
    }
  };
  for (const key of keys) {
    if (!bursts.continues(key.at)) before = field; // as wedge.js remembers it, modifiers and all
    const { take, effects } = bursts.key(key);
    const started = effects.some((e) => e.back !== undefined);
    apply(effects);
    if (started) before = field;
    if (!take && key.key.length === 1 && !key.ctrl) {
      field += key.key;
      seen += key.key;
    }
    if (!take && key.key === "Enter") field += "\n";
  }
  apply(bursts.flush());
  return { reads, texts: reads.map((r) => r.read), troubles, field, seen };
}

test("30 scans at 20 characters per 10 ms, one after the other", () => {
  const codes = Array.from({ length: 30 }, (_, i) => (i % 3 ? rotatingText() : liveText()));
  const { texts, field, seen } = type(new Bursts(), strokes(codes.map((c) => `${c}\r`).join("")));
  assert.deepEqual(texts, codes);
  assert.equal(field, "");
  assert.equal(seen, codes.map((c) => c.slice(0, 3)).join(""), "a field that knows four digits for a PIN has seen four");
});

test("every gun's way to begin and end", () => {
  const code = rotatingText();
  for (const [name, text, settings] of [
    ["Enter", `${code}\r`], ["Tab", `${code}\t`], ["CR LF", `${code}\r\n`], ["LF", `${code}\n`], ["nothing", code],
    ["two Enters", `${code}\r\r`], ["a mark of its own", `${code}#`, { suffix: "#" }], ["a long one", `${code};;END`, { suffix: ";;END" }],
    ["a prefix", `*/${code}\r`, { prefix: "*/" }], ["AIM", `]Q3${code}\r`], ["AIM after a prefix", `~1]C1${code}\t`.replace("~", "="), { prefix: "=1" }],
    ["a suffix that did not come", `${code}\r`, { suffix: "#" }],
  ]) {
    const { texts, field } = type(new Bursts(settings), strokes(text + text));
    // Without an end two codes are one text.
    assert.deepEqual(texts, name === "nothing" ? [code + code] : [code, code], name);
    assert.equal(field, "", name);
  }
});

test("a gun set to US on tablets that are not", () => {
  for (let i = 0; i < 200; i++) {
    const code = oneOf([rotatingText, liveText])();
    for (const [name, layout] of Object.entries(layouts)) {
      const { reads: [read] } = type(new Bursts(), strokes(`${code}\r`, { layout }));
      assert.ok([read.read, read.second].includes(code), `${name}: ${code}: ${JSON.stringify(read)}`);
      if (name === "us") assert.equal(read.second, undefined);
      if (name === "capslock" || code.startsWith("eyJ")) assert.equal(read.read, code, name);
      const told = type(new Bursts({ layout: "us" }), strokes(`${code}\r`, { layout })).reads[0];
      assert.equal(told.read, code, `${name}, told that the gun types as on a US keyboard`);
    }
  }
});

test("a gun set to US, and a code of others", () => {
  for (const code of ["KARTA:123456", "KARTA-123456"]) {
    for (const layout of [layouts["pl-214"], layouts["ro-legacy"]]) {
      const { reads: [{ read, second }] } = type(new Bursts(), strokes(`${code}\r`, { layout }));
      assert.ok([read, second].includes(code), `${code}: ${read}, ${second}`);
    }
  }
  assert.equal(type(new Bursts(), strokes("KARTA:123456\r", { layout: layouts["pl-214"] })).texts[0], "KARTA:123456");
  assert.equal(type(new Bursts(), strokes("KARTA-123456\r", { layout: layouts["ro-legacy"] })).texts[0], "KARTA-123456");
});

test("50 ms between keys are a gun's, 51 a person's", () => {
  const code = rotatingText();
  assert.deepEqual(type(new Bursts(), strokes(`${code}\r`, { gap: 50 })).texts, [code]);
  assert.deepEqual(type(new Bursts(), strokes(`${code}\r`, { gap: 51 })).texts, []);
  assert.deepEqual(type(new Bursts({ gap: 80 }), strokes(`${code}\r`, { gap: 80 })).texts, [code]);
  assert.deepEqual(type(new Bursts(), strokes("1234567\r")).texts, [], "seven are too few");
  assert.deepEqual(type(new Bursts(), strokes("12345678\r")).texts, ["12345678"]);
});

test("a gun whose keys name no place types what it types", () => {
  const code = rotatingText();
  const keys = strokes(`${code}\r`).map((key) => ({ ...key, code: "" }));
  assert.deepEqual(type(new Bursts(), keys).reads.map(({ read, second }) => [read, second]), [[code, undefined]]);
});

test("people are not taken for guns, whatever they type", () => {
  for (let i = 0; i < 300; i++) {
    const text = textOf("abcz019., ", between(1, 40));
    let at = 0;
    const keys = [...text].flatMap((c) => {
      at += between(60, 400);
      const [key] = strokes(c, { from: at });
      return between(0, 9) ? [key] : [key, { ...key, repeat: false, at: at + between(60, 90) }];
    });
    const typed = keys.map((k) => k.key).join("");
    const { texts, field } = type(new Bursts(), [...keys, { key: "Enter", code: "Enter", at: at + 300 }]);
    assert.deepEqual(texts, []);
    assert.equal(field, `${typed}\n`);
  }
});

test("a few fast keys of a person come back, in their order", () => {
  for (let i = 0; i < 300; i++) {
    let at = 0, typed = "";
    const keys = [];
    while (keys.length < 30) {
      at += 200;
      const roll = textOf("abcdef123", between(1, 7));
      keys.push(...strokes(roll, { from: at, gap: between(1, 49) }));
      at = keys.at(-1).at;
      typed += roll;
    }
    const { texts, field } = type(new Bursts(), keys);
    assert.deepEqual(texts, []);
    assert.equal(field, typed);
  }
});

test("a scan amid a PIN takes nothing of the PIN", () => {
  for (let i = 0; i < 200; i++) {
    const pin = textOf("0123456789", 4), cut = between(0, 4), code = oneOf([rotatingText, liveText])();
    const first = strokes(pin.slice(0, cut), { gap: 150 }), then = 1000;
    const gun = strokes(`${code}\r`, { from: then, gap: oneOf([0.5, 4, 20, 45]) });
    const rest = strokes(pin.slice(cut), { from: gun.at(-1).at, gap: 150 });
    const { texts, field } = type(new Bursts(), [...first, ...gun, ...rest]);
    assert.deepEqual(texts, [code]);
    assert.equal(field, pin);
  }
});

test("keys that are no characters", () => {
  const code = rotatingText();
  const held = [{ key: "a", code: "KeyA", at: 0 }, ...Array.from({ length: 40 }, (_, i) => ({ key: "a", code: "KeyA", repeat: true, at: 500 + i * 30 }))];
  const { reads, troubles, field } = type(new Bursts(), held);
  assert.deepEqual([reads, troubles, field], [[], [], "a".repeat(41)]);
  const separated = [...strokes(code.slice(0, 20)), { key: "]", code: "BracketRight", ctrl: true, at: 50 }, ...strokes(`${code.slice(20)}\r`, { from: 90 })];
  assert.deepEqual(type(new Bursts(), separated).texts, [code]);
  const method = strokes(`${code}\r`).map((k) => (k.key.length === 1 ? { ...k, key: "Process" } : k));
  assert.deepEqual(type(new Bursts(), method).texts, [code]);
  assert.deepEqual(type(new Bursts(), [{ key: "Enter", code: "Enter", at: 5 }]).field, "\n");
});

test("a code that is too long is passed over whole, and the next is read", () => {
  const code = rotatingText();
  const { texts, troubles, field } = type(new Bursts(), strokes(`${"A".repeat(2049)}\r${code}\r${"7".repeat(2048)}\r${"B".repeat(50_000)}\r`));
  assert.deepEqual(troubles, ["too_long", "too_long"]);
  assert.deepEqual(texts, [code, "7".repeat(2048)]);
  assert.equal(field, "");
});

test("texts that come in one piece", () => {
  const code = rotatingText();
  const bursts = new Bursts();
  assert.deepEqual(bursts.chunk(`${code}\r\n${code}\n`, 10).effects.map((e) => e.read), [code, code]);
  assert.deepEqual(bursts.chunk("Ania", 500), { take: false, effects: [] });
  assert.equal(bursts.chunk(code, 900).take, true);
  assert.deepEqual(bursts.flush().map((e) => e.read), [code]);
});
