// What the app does without network, in its parts that need no browser: the clock,
// codes, signatures, the queue and how it is sent.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";

import { decode, decode32, encode, shown, utf8 } from "../assets/offline/bytes.js";
import { signed } from "../assets/offline/check.js";
import { Clock } from "../assets/offline/clock.js";
import { codeOf, leeway, life } from "../assets/offline/codes.js";
import { newPair, publicHalf, sign } from "../assets/offline/item.js";
import { Queue, Sent, Spent, Unready } from "../assets/offline/queue.js";
import { refusal } from "../assets/offline/rules.js";
import { Taken } from "../assets/offline/shelf.js";
import { readStatement, tail } from "../assets/offline/statement.js";
import { batch, sync } from "../assets/offline/sync.js";
import { Refused, Unanswered } from "../assets/server.js";
import { Memory } from "./memory.js";

test("bytes have one spelling", () => {
  const bytes = Uint8Array.from({ length: 23 }, (_, i) => i * 11);
  assert.deepEqual(decode(encode(bytes)), bytes);
  for (const text of ["A", "AA=", "AA+", "AB", "AAB", "ä"]) assert.equal(decode(text), undefined, text);
  assert.deepEqual([...decode32("MZXW6YTB")], [...utf8("fooba")]);
  for (const text of ["mzxw6ytb", "MZXW6YT1", "MZ=", "MB"]) assert.equal(decode32(text), undefined, text);
  assert.equal(shown(Uint8Array.from([0x01, 0x91, 0x0c, 0xb2, 0xec, 0x97, 0xbb, 0x6c, 0x9b, 0xcf, 0xf1, 0xa5, 0x2a, 0x84, 0x0c, 0xd8])).length, 26);
});

/** A device whose clock and whose sleep are the test's. */
function device(wall = 1_000_000_000_000) {
  const at = { wall, steady: 0 };
  const clock = new Clock(() => at.wall, () => at.steady);
  return { at, clock, pass: (ms) => { at.wall += ms; at.steady += ms; } };
}

test("the server's time goes on without it, however wrong the device's clock", () => {
  const { at, clock, pass } = device();
  const server = at.wall + 3_600_000; // the device is an hour behind
  clock.set(server);
  pass(60_000);
  assert.equal(clock.now(), server + 60_000);
  at.wall -= 7_200_000; // somebody sets it back
  pass(60_000);
  assert.equal(clock.now(), server + 120_000);
});

test("a device that has slept, or whose clock was set forward, is put right by what the server has signed", () => {
  for (const { slept, from, now } of [{ slept: true, from: 3_600_000, now: 3_600_000 }, { slept: false, from: 0, now: 20_000 }]) {
    const { at, clock, pass } = device();
    const server = at.wall;
    clock.set(server);
    at.wall += 3_600_000; // either
    assert.equal(clock.now(), server + 3_600_000, "a device that sleeps is likelier");
    pass(20_000);
    assert.equal(clock.within(server + from, server + from + 60_000), true);
    assert.equal(clock.now(), server + now + (slept ? 20_000 : 0));
    pass(1000);
    assert.equal(clock.within(server + from - 120_000, server + from - 60_000), false, "an old code passes");
  }
});

test("a clock that starts cold knows when it last met the server, and believes nothing from the past", () => {
  const first = device();
  first.clock.set(first.at.wall - 3_600_000);
  first.pass(1000);
  const kept = first.clock.kept;
  const cold = device(first.at.wall + 5000);
  cold.clock.resume(kept);
  assert.equal(cold.clock.now(), first.at.wall + 5000 - 3_600_000);
  const drained = device(0); // its battery ran out: 1970
  drained.clock.resume(kept);
  assert.equal(drained.clock.now(), kept.least);
  assert.equal(drained.clock.within(kept.least + 600_000, kept.least + 660_000), true, "a signed code is from the future: the clock is behind");
  assert.equal(drained.clock.now(), kept.least + 600_000);
});

const card = Uint8Array.from({ length: 16 }, (_, i) => i + 1);
const jti = Uint8Array.from({ length: 8 }, (_, i) => 200 + i);
const tailOf = shown(card).slice(-4).toUpperCase();
const base32 = (bytes) => {
  const bits = [...bytes].map((byte) => byte.toString(2).padStart(8, "0")).join("");
  return bits.match(/.{5}/g).map((five) => "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"[parseInt(five, 2)]).join("");
};

async function signer() {
  const pair = await crypto.subtle.generateKey("Ed25519", true, ["sign", "verify"]);
  const { kty, crv, x } = await crypto.subtle.exportKey("jwk", pair.publicKey);
  const key = { kty, crv, x, kid: "l01", purpose: "live" };
  return { key, text: async (header, payload) => {
    const said = `${encode(utf8(header))}.${encode(utf8(payload))}`;
    return `${said}.${encode(new Uint8Array(await crypto.subtle.sign("Ed25519", pair.privateKey, utf8(said))))}`;
  } };
}

test("codes are told apart as the server does", async () => {
  const { text } = await signer();
  const live = await text('{"alg":"EdDSA","kid":"l01"}', `{"sub":"${encode(card)}","jti":"${encode(jti)}","exp":1794044520}`);
  const read = codeOf(live, "camera");
  assert.deepEqual([read.method, read.card, read.tail, read.expires], ["live", encode(card), tailOf, 1_794_044_520_000]);
  assert.equal(codeOf(`${live}\r\n`, "wedge").mark, read.mark);

  const rotating = `STR.${base32([1, 0, 1, 0, 1, ...card, ...new Uint8Array(9)])}12345678`;
  assert.deepEqual([codeOf(rotating, "camera").method, codeOf(rotating, "camera").tail], ["rotating", tailOf]);
  assert.notEqual(codeOf(rotating, "camera").mark, codeOf(rotating.replace(/8$/, "9"), "camera").mark);
  const still = `STS.${base32([1, 1, 0, 1, ...card, ...new Uint8Array(15)])}`;
  assert.deepEqual([codeOf(still, "wedge").method, codeOf(still, "wedge").tail, codeOf(still, "wedge").mark], ["static", tailOf, undefined]);
  assert.equal(codeOf(still, "wedge").still.slice(-4).toUpperCase(), tailOf, "it does not say whose it is");
  const tapped = "https://shop.example/t?e=00112233&c=8899";
  assert.equal(codeOf(tapped, "nfc").method, "tap");
  for (const [foreign, channel] of [[tapped, "camera"], ["WIFI:T:WPA;S:x;;", "camera"], [`${rotating}1`, "camera"], [still.toLowerCase(), "wedge"], [still.slice(1), "wedge"], ["eyJ", "camera"], ["", "typed"], ["x".repeat(3000), "camera"]]) {
    assert.equal(codeOf(foreign, channel), undefined, foreign.slice(0, 20));
  }
});

test("a signature counts for its key and purpose alone, and one flipped bit spoils it", async () => {
  const { text, key } = await signer();
  const header = '{"alg":"EdDSA","kid":"l01"}', payload = '{"sub":"x"}';
  const good = await text(header, payload);
  assert.equal(await signed(good, [key], "live"), payload);
  assert.equal(await signed(good, [{ ...key, purpose: "receipt" }], "live"), undefined);
  assert.equal(await signed(good, [], "live"), undefined);
  assert.equal(await signed(await text('{"kid":"l01","alg":"EdDSA"}', payload), [key], "live"), undefined);
  assert.equal(await signed(good, [key], "live", '","typ":"voucher+jwt"}'), undefined);
  assert.equal(await signed(`${good}.`, [key], "live"), undefined);
  const bytes = decode(good.split(".")[2]);
  for (let i = 0; i < 64; i++) {
    const bent = bytes.slice();
    bent[i] ^= 1 << (i % 8);
    assert.equal(await signed(`${good.split(".").slice(0, 2).join(".")}.${encode(bent)}`, [key], "live"), undefined);
  }
});

const vectors = async (name) => JSON.parse(await readFile(new URL(`../../../mobile-contracts/vectors/${name}.json`, import.meta.url), "utf8"));

test("known live codes are taken and refused as the server does", async () => {
  const { keys, cases } = await vectors("live");
  const published = keys.map(({ kid, purpose, ed25519_public: x }) => ({ kty: "OKP", crv: "Ed25519", kid, purpose, x }));
  const verdict = async ({ text, now }) => {
    const code = codeOf(text, "camera");
    if (!code) return "malformed";
    if (!await signed(text, published, "live")) return "invalid";
    const at = Date.parse(now);
    return code.expires + leeway < at ? "expired" : code.expires - life - leeway > at ? "future" : "ok";
  };
  for (const one of cases) {
    const { name, result } = one, said = await verdict(one);
    if (result === "ok") assert.equal(said, "ok", name);
    else if (/expired|future/.test(result)) assert.ok(result.includes(said), `${name}: ${said}`);
    else assert.match(said, /malformed|invalid/, name);
  }
});

test("known texts of other kinds are known for what they are", async () => {
  for (const method of ["static", "rotating"]) {
    for (const { name, text, result, card } of (await vectors(method)).cases) {
      const code = codeOf(text, "camera");
      if (result === "ok") assert.deepEqual([code?.method, code?.tail], [method, card.slice(-4).toUpperCase()], name);
      if (result === "credential_malformed") assert.equal(code, undefined, name);
    }
  }
});

test("a voucher's code says whose it is and until when", async () => {
  const { text } = await signer();
  const made = await text(`{"alg":"EdDSA","kid":"v01${tail}`, `{"sub":"${encode(card)}","vch":"${encode(card)}","rwd":"${encode(card)}","exp":1794044520}`);
  assert.deepEqual(readStatement(`${made}\n`), {
    text: made, card: encode(card), voucher: `voucher_${shown(card)}`, reward: `reward_${shown(card)}`, from: 1_794_043_920_000, until: 1_794_044_520_000,
  });
  assert.equal(codeOf(made, "camera"), undefined, "it is taken for a card's");
  for (const other of ["", "eyJ", "STS.ABC", made.replace(".", ".."), made.split(".")[0]]) assert.equal(readStatement(other), undefined);
});

test("an item is signed so that the server can tell whose it is", async () => {
  const pair = await newPair();
  assert.equal(pair.privateKey.extractable, false);
  const key = await crypto.subtle.importKey("jwk", await publicHalf(pair), { name: "ECDSA", namedCurve: "P-256" }, false, ["verify"]);
  const { text, hash } = await sign({ queue: "queue_a", counter: 1 }, pair);
  const [header, payload, signature] = text.split(".");
  assert.equal(new TextDecoder().decode(decode(header)), '{"alg":"ES256","typ":"stempel-offline+jwt"}');
  assert.deepEqual(JSON.parse(new TextDecoder().decode(decode(payload))), { queue: "queue_a", counter: 1 });
  assert.equal(await crypto.subtle.verify({ name: "ECDSA", hash: "SHA-256" }, key, decode(signature), utf8(`${header}.${payload}`)), true);
  assert.equal((await sign({ queue: "queue_a", counter: 1 }, pair)).hash, hash, "the same item has two names");
});

/** A till's queue, on a shelf, that a server knows. */
async function queued({ next = 1 } = {}) {
  const shelf = new Memory(), queue = new Queue(shelf, "till_a");
  const server = { ask: async () => ({ queue: "queue_a", next_counter: next }) };
  await queue.register(server);
  const earn = (n, mark) => queue.keep({ captured: n, do: "earn", credential: `c${n}` }, { marks: mark ? [mark] : [], about: { kind: "stamps", units: 1 } });
  return { shelf, queue, server, earn };
}

test("items are kept with numbers that only rise, and a code is used once", async () => {
  const unknown = new Queue(new Memory(), "till_a");
  await assert.rejects(unknown.keep({ do: "earn" }, { marks: [], about: {} }), Unready);

  const { shelf, queue, server, earn } = await queued({ next: 7 });
  await Promise.all([earn(1), earn(2), earn(3)]);
  await earn(4, "live x");
  await assert.rejects(earn(5, "live x"), (error) => error instanceof Taken && error.was.at === 4);
  await queue.register(server); // as after each start
  await earn(6);
  const items = await shelf.all("items");
  assert.deepEqual(items.map((item) => item.counter), [7, 8, 9, 10, 12]);
  assert.equal(new Set(items.map((item) => item.hash)).size, 5);
  for (const { text, counter } of items) assert.equal(JSON.parse(new TextDecoder().decode(decode(text.split(".")[1]))).counter, counter);
  assert.equal((await shelf.all("notes")).filter((note) => note.name.startsWith("key")).length, 1);
});

test("a lease is spent with what it is spent for, and never beyond", async () => {
  const { shelf, queue, earn } = await queued();
  await assert.rejects(queue.keep({ captured: 0, do: "redeem" }, { marks: ["voucher 0"], about: {} }), Spent);
  await queue.hold({ lease: "lease-1", redemptions: 3, remaining: 2, expires_at: "2026-11-06T12:00:00Z" });
  const redeem = (n) => queue.keep({ captured: n, do: "redeem" }, { marks: [`voucher ${n}`], about: { reward: "Cone" } });
  await redeem(1);
  await assert.rejects(redeem(1), Taken);
  await earn(3);
  await redeem(4);
  await assert.rejects(redeem(5), Spent);
  assert.equal((await shelf.all("items")).length, 3);
  assert.equal(await shelf.get("used", "voucher 5 redeem"), undefined, "a reward that was not handed out is noted as used");
  await queue.hold({ lease: "lease-2", redemptions: 5, remaining: 5, expires_at: "2026-11-06T12:00:00Z" });
  assert.equal((await queue.lease()).used, 2, "what waits was forgotten");
});

/** Answers for each item, by its hash in order. */
const answers = (states) => ({
  calls: [],
  async ask(method, path, { items }) {
    this.calls.push(items);
    const results = await Promise.all(items.map(async (text) => {
      const signed = text.slice(0, text.lastIndexOf("."));
      const hash = encode(new Uint8Array(await crypto.subtle.digest("SHA-256", utf8(signed))));
      return { hash, ...states(JSON.parse(new TextDecoder().decode(decode(text.split(".")[1])))) };
    }));
    return { results };
  },
});

test("an item goes only when the server says what has become of it", async () => {
  const { shelf, earn } = await queued();
  for (let n = 1; n <= 5; n++) await earn(n);
  const first = answers(({ counter }) => [{ state: "posted" }, { state: "contested", code: "cooldown_active", detail: "Too soon." }, { state: "later" }, { state: "refused", code: "item_invalid" }, { hash: "another" }][counter - 1]);
  assert.equal(await sync(shelf, first, "till_a"), true, "nothing is to be sent again");
  assert.deepEqual((await shelf.all("items")).map((item) => [item.counter, item.refused?.code]), [[3, undefined], [4, "item_invalid"], [5, undefined]]);
  assert.deepEqual((await shelf.all("told")).map(({ counter, code }) => [counter, code]), [[2, "cooldown_active"]]);
  assert.deepEqual(await shelf.get("notes", "report"), { name: "report", posted: 1, contested: 1 });
  const second = answers(() => ({ state: "posted" }));
  assert.equal(await sync(shelf, second, "till_a"), false);
  assert.deepEqual(second.calls.map((items) => items.length), [2], "one that was refused is sent again by itself");
  assert.equal((await shelf.get("notes", "report")).posted, 3);
  await sync(shelf, second, "till_a");
  assert.equal(second.calls.length, 1, "something was sent twice");
  await sync(shelf, answers(() => ({ state: "refused", code: "item_invalid" })), "till_a", true);
  assert.equal((await shelf.all("items")).length, 1);
  await sync(shelf, second, "till_a", true); // as after the next start
  assert.deepEqual(await shelf.all("items"), []);
});

test("what was kept is taken back while it has not been sent, with its code and its share of the lease", async () => {
  const { shelf, queue, earn } = await queued();
  await queue.hold({ lease: "lease-1", redemptions: 1, remaining: 1, expires_at: "2026-11-06T12:00:00Z" });
  const redeem = (n) => queue.keep({ captured: n, do: "redeem" }, { marks: ["live x", `voucher ${n}`], about: { reward: "Cone" } });
  const key = await redeem(1);
  await queue.takeBack(key);
  await assert.rejects(queue.takeBack(key), Sent);
  assert.deepEqual(await shelf.all("used"), []);
  await redeem(1); // as if it had not been
  assert.equal((await queue.lease()).used, 1);
  assert.deepEqual((await shelf.all("items")).map((item) => item.counter), [2], "a number is given twice");

  await earn(2, "live y");
  const [, sent] = await shelf.all("items");
  const lost = { ask: async () => { // on its way: nobody knows whether it has arrived
    await assert.rejects(queue.takeBack([sent.queue, sent.counter]), Sent);
    throw new Unanswered("lost");
  } };
  await assert.rejects(sync(shelf, lost, "till_a"), Unanswered);
  await assert.rejects(queue.takeBack([sent.queue, sent.counter]), Sent);
  assert.equal((await shelf.all("items")).length, 2);
});

test("no answer, and nothing is lost", async () => {
  const { shelf, earn } = await queued();
  await earn(1);
  for (const error of [new Unanswered("lost"), new Refused({ code: "till_revoked", status: 401 })]) {
    await assert.rejects(sync(shelf, { ask: async () => { throw error; } }, "till_a"), error.constructor);
    assert.equal((await shelf.all("items"))[0].refused, undefined);
  }
  await sync(shelf, { ask: async () => { throw new Error("another till's are sent"); } }, "till_b");
  await sync(shelf, answers(() => ({})), "till_a");
  assert.equal((await shelf.all("items")).length, 1);
});

test("one item that spoils its call does not hold up the others", async () => {
  const { shelf, earn } = await queued();
  for (let n = 1; n <= 9; n++) await earn(n);
  const good = answers(() => ({ state: "posted" }));
  const server = { ask: async (method, path, body) => {
    if (body.items.some((text) => JSON.parse(new TextDecoder().decode(decode(text.split(".")[1]))).counter === 6)) throw new Refused({ code: "invalid_field", detail: "no", status: 400 });
    return good.ask(method, path, body);
  } };
  await sync(shelf, server, "till_a");
  assert.deepEqual((await shelf.all("items")).map((item) => [item.counter, item.refused.code]), [[6, "invalid_field"]]);
});

test("a call holds what the server takes", () => {
  const items = (n, size) => Array.from({ length: n }, () => ({ text: "x".repeat(size) }));
  assert.equal(batch(items(500, 100)).length, 200);
  const large = batch(items(300, 4000)).length;
  assert.ok(large > 90 && large * 4003 < 512 * 1024, String(large));
  assert.equal(batch(items(2, 600_000)).length, 1);
  assert.equal(batch([]).length, 0);
});

test("what a program does not allow is refused before it is promised", () => {
  const now = Date.parse("2026-11-06T10:00:00Z");
  const program = { policies: [{ method: "static", action: "earn", refused: true }, { method: "tap", action: "earn", needs: "cashier" }, { method: "live", action: "earn", needs: "none" }] };
  assert.deepEqual(["live", "static", "tap", "rotating"].map((method) => refusal(program, method, "earn", now)), [undefined, "credential_not_accepted", "offline_pin", undefined]);
  assert.equal(refusal({ starts_at: "2026-11-07T00:00:00Z" }, "live", "earn", now), "program_not_started");
  assert.equal(refusal({ ends_at: "2026-11-06T10:00:00Z" }, "live", "earn", now), "program_ended");
  assert.equal(refusal({ ends_at: "2026-11-06T10:00:00Z" }, "live", "redeem", now), undefined);
});
