import assert from "node:assert/strict";
import { test } from "node:test";

import { Frames, stale } from "../assets/read/frames.js";
import { between, oneOf, rotatingText, textOf } from "./random.js";

const bytes = (text) => new TextEncoder().encode(text);

/** Pushes bytes in pieces of any size. */
function pushed(all, most = all.length) {
  const frames = new Frames(), found = [];
  for (let at = 0; at < all.length;) {
    const size = between(1, most);
    found.push(...frames.push(all.subarray(at, at + size), 0));
    at += size;
  }
  return found;
}

test("lines and STX … ETX, however the bytes arrive", () => {
  for (let i = 0; i < 300; i++) {
    const texts = Array.from({ length: between(1, 8) }, () => oneOf([rotatingText(), textOf("0123456789abcdef", between(1, 60)), "zażółć", "ștampilă"]));
    const stream = texts.map((t) => oneOf([`${t}\r`, `${t}\n`, `${t}\r\n`, `\x02${t}\x03`, `\x02${t}\r\x03`, `\x02${t}\x03\r\n`])).join("");
    assert.deepEqual(pushed(bytes(stream), 7), texts.map((text) => ({ text })), JSON.stringify(stream));
  }
});

test("what is not whole is said, and the next line is read", () => {
  const good = { text: "STS.GOOD" };
  for (const [name, stream, want] of [
    ["not UTF-8", [0xff, 0xfe, 0x41, 0x0d, ...bytes("STS.GOOD\r")], [{ trouble: "serial_torn" }, good]],
    ["an STX amid a line", bytes("STS.HA\x02STS.GOOD\x03"), [{ trouble: "serial_torn" }, good]],
    ["too long", bytes(`${"A".repeat(2049)}\r\nSTS.GOOD\r\n`), [{ trouble: "too_long" }, good]],
    ["just not too long", bytes(`${"A".repeat(2048)}\nSTS.GOOD\n`), [{ text: "A".repeat(2048) }, good]],
    ["far too long", bytes(`${"A".repeat(1_000_000)}\rSTS.GOOD\r`), [{ trouble: "too_long" }, good]],
    ["a CR amid STX and ETX", bytes("\x02STS.\rA\x03STS.GOOD\n"), [{ text: "STS.\rA" }, good]],
    ["empty lines", bytes("\r\n\r\n  \nSTS.GOOD\n\n"), [good]],
  ]) assert.deepEqual(pushed(Uint8Array.from(stream), 5000), want, name);
});

test("half a line is not glued to the next", () => {
  const frames = new Frames();
  assert.deepEqual(frames.push(bytes("STS.HA"), 0), []);
  assert.deepEqual(frames.push(bytes("LF\r"), stale), [{ text: "STS.HALF" }]);
  assert.deepEqual(frames.push(bytes("STS.HA"), 2000), []);
  assert.deepEqual(frames.push(bytes("STS.GOOD\r"), 2001 + stale), [{ trouble: "serial_torn" }, { text: "STS.GOOD" }]);
});

test("any bytes at all give only lines and known troubles", () => {
  for (let i = 0; i < 500; i++) {
    for (const frame of pushed(Uint8Array.from({ length: between(0, 6000) }, () => between(0, 255)), 300)) {
      assert.ok(frame.trouble === "serial_torn" || frame.trouble === "too_long" || frame.text.length <= 2048);
    }
  }
});
