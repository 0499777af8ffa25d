import assert from "node:assert/strict";
import { test } from "node:test";

import { choose } from "../assets/read/decoders.js";
import { alone, gone, reminder, Sighting } from "../assets/read/sighting.js";

/** Frames as [ms, texts], with what each is to give. */
function frames(...all) {
  const sighting = new Sighting();
  for (const [at, texts, want] of all) {
    const sight = sighting.frame(texts, at);
    assert.equal(sight && (sight.read ?? sight.trouble), want, `at ${at} ms: ${texts}`);
  }
}

test("a code is read once until it was out of view for 1.5 s", () => {
  frames([0, [], undefined], [33, ["A"], "A"], [66, ["A"], undefined], [66 + gone - 1, ["A"], undefined],
    [66 + 2 * gone - 2, ["A"], undefined], [66 + 3 * gone - 2, ["A"], "A"]);
});

test("another code is read at once, and the first not again when it wavers", () => {
  frames([0, ["A"], "A"], [33, ["B"], "B"], [66, ["A"], undefined], [100, ["B"], undefined]);
});

test("while two are in view none is read, and it is said once", () => {
  frames([0, ["A", "B"], "two_codes"], [33, ["A", "B"], undefined], [66, ["A"], undefined], [100, ["B", "A"], undefined],
    [100 + alone - 1, ["B"], undefined], [100 + alone, ["B"], "B"], [2000, ["A", "B"], "two_codes"]);
});

test("two that stay are told of again", () => {
  const stay = Array.from({ length: 5 }, (_, i) => [i * (reminder / 4), ["A", "B"], i % 4 ? undefined : "two_codes"]);
  frames(...stay, [reminder + 100, ["A", "B"], undefined]);
});

test("a second code beside one that was read keeps it from being read again", () => {
  frames([0, ["A"], "A"], [500, ["A", "B"], "two_codes"], [1400, ["A", "B"], undefined], [2000, ["A"], undefined], [2100, ["A"], undefined]);
});

test("twice the same code is one code", () => frames([0, ["A", "A"], "A"]));

test("a text that is too long is said once, and not read", () => {
  frames([0, ["A".repeat(2049)], "too_long"], [33, ["A".repeat(2049)], undefined], [66, ["B".repeat(2048)], "B".repeat(2048)]);
});

// Headless Chromium on Linux has no BarcodeDetector, so who decodes is tested on one like it.
const wasm = async () => ({ name: "wasm", decode: async () => ["by wasm"] });
const detector = (formats, detect) => ({
  BarcodeDetector: class {
    static async getSupportedFormats() { return formats; }
    constructor(options) { assert.deepEqual(options, { formats: ["qr_code"] }); }
    detect = detect;
  },
});
const decoded = async (scope, load = wasm) => {
  const decoder = await choose(scope, load);
  return [await decoder.decode({}), decoder.name];
};
const never = async () => assert.fail("the decoder was loaded without need");

test("the browser's own decoder is used where it knows QR codes", async () => {
  const good = detector(["ean_13", "qr_code"], async () => [{ rawValue: "A" }, { rawValue: "B" }]);
  assert.deepEqual(await decoded(good, never), [["A", "B"], "native"]);
});

test("else ZXing", async () => {
  assert.deepEqual(await decoded({}), [["by wasm"], "wasm"]);
  assert.deepEqual(await decoded(detector(["ean_13"], async () => [])), [["by wasm"], "wasm"]);
  assert.deepEqual(await decoded({ BarcodeDetector: class { static getSupportedFormats() { return Promise.reject(new Error("no service")); } } }), [["by wasm"], "wasm"]);
  assert.deepEqual(await decoded(detector(["qr_code"], async () => { throw new Error("no service"); })), [["by wasm"], "wasm"]);
});
