// The app's parts that need no browser.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";

import { percent } from "../assets/discount.js";
import { digits, estimate, format, press } from "../assets/money.js";
import { keep } from "../assets/keep.js";
import { ceiling, cost } from "../assets/points.js";
import { grid, part } from "../assets/progress.js";
import { heading, sentence } from "../assets/refusal.js";
import { listener } from "../assets/approvals.js";
import { possible } from "../assets/lookup.js";
import { Refused, Unanswered, pause, settle } from "../assets/server.js";
import { Words, choose, languages } from "../assets/words.js";

const wordsOf = async (language) => new Words(language, JSON.parse(await readFile(new URL(`../assets/words/${language}.json`, import.meta.url), "utf8")));
const en = await wordsOf("en");

test("amounts are typed as on a till", () => {
  assert.equal(["1", "2", "5", "0"].reduce(press, 0), 1250);
  assert.equal(press(1, "00"), 100);
  assert.equal(press(1250, "erase"), 125);
  assert.equal(press(0, "erase"), 0);
  assert.equal(press(0, "00"), 0);
  assert.equal(press(999_999_999, "1"), 999_999_999);
  assert.deepEqual(["EUR", "JPY", "KWD"].map(digits), [2, 0, 3]);
  assert.equal(format(1250, "EUR", "en"), "€12.50");
  assert.equal(format(1250, "JPY", "en"), "¥1,250");
});

test("points are estimated as the rule says", () => {
  const rule = { units: 2, per: 100, minimum: 500 };
  assert.deepEqual([0, 499, 500, 599, 600].map((total) => estimate(rule, total)), [0, 0, 10, 11, 12]);
  assert.deepEqual([1500, 500].map((multiplier) => estimate(rule, 650, multiplier)), [19, 6]);
  assert.equal(estimate({}, 1000), 0);
});

test("an estimate has the case that its preposition asks for", async () => {
  const pl = await wordsOf("pl");
  assert.deepEqual([1, 2, 52, 5, 112].map((n) => pl.count("earn.estimate", n)),
    ["około 1 punktu", "około 2 punktów", "około 52 punktów", "około 5 punktów", "około 112 punktów"]);
});

test("points pay no more than the bill, what they are worth, and the reward allows", () => {
  const rule = { units: 10, per: 100, min: 500, max: 3000 };
  assert.deepEqual([1, 10, 11, 500].map((amount) => cost(rule, amount)), [1, 1, 2, 50]);
  assert.deepEqual([[2000, 250], [2500, 250], [9900, 250], [9900, 5000], [500, 0]].map(([bill, balance]) => ceiling(rule, bill, balance)), [
    { most: 2000, why: "bill" }, { most: 2500, why: "bill" }, { most: 2500, why: "points" }, { most: 3000, why: "reward" }, { most: 0, why: "points" },
  ]);
  assert.deepEqual(ceiling({ units: 3, per: 100, max: 0 }, 10_000, 100), { most: 3333, why: "points" });
  for (let balance = 0; balance < 500; balance++) { // what is offered can be paid
    const { most } = ceiling({ units: 7, per: 3 }, 1_000_000, balance);
    assert.ok(cost({ units: 7, per: 3 }, most) <= balance, `${balance} points do not pay ${most}`);
  }
});

test("percentages are written without what is not there", () => {
  assert.deepEqual([0, 500, 1250, 1, 10_000].map((rate) => percent(rate, "en")), ["0%", "5%", "12.5%", "0.01%", "100%"]);
  assert.equal(percent(1250, "pl"), "12,5%");
});

test("stamps are laid out evenly", () => {
  for (let size = 1; size <= 60; size++) {
    const { columns, rows } = grid(size);
    assert.ok(columns * rows >= size && columns * (rows - 1) < size && columns <= 10, `${size}: ${columns} × ${rows}`);
  }
  assert.deepEqual([grid(5), grid(10), grid(12)], [{ columns: 5, rows: 1 }, { columns: 5, rows: 2 }, { columns: 6, rows: 2 }]);
  assert.deepEqual([part(0, 10), part(5, 10), part(20, 10), part(-3, 10), part(1, 0)], [0, 0.5, 1, 0, 1]);
});

test("numbers have the forms of their language", async () => {
  const [pl, ro] = [await wordsOf("pl"), await wordsOf("ro")];
  assert.deepEqual([1, 2, 5, 22].map((n) => pl.count("points", n)), ["1 punkt", "2 punkty", "5 punktów", "22 punkty"]);
  assert.deepEqual([1, 2, 20].map((n) => ro.count("points", n)), ["1 punct", "2 puncte", "20 de puncte"]);
  assert.deepEqual([1, 119_000, 120_000, 7_200_000].map((ms) => en.span(ms)), ["1\u00a0s", "119\u00a0s", "2\u00a0min", "2\u00a0h"]);
  assert.deepEqual(["pl-PL", "de"].map((tag) => choose([tag])), ["pl", "en"]);
  assert.equal(choose(["de", "ro-MD", "pl"]), "ro");
});

test("every language says everything, and every sentence has its values", async () => {
  const forms = (words, id) => [id, ...["one", "few", "many", "other"].map((form) => `${id}.${form}`)].filter((name) => words.has(name));
  const plain = (words) => [...new Set(Object.keys(words.texts).map((id) => (/^(problem|trouble)\.other$/.test(id) ? id : id.replace(/\.(one|few|many|other)$/, ""))))].sort();
  const values = (text) => [...new Set(text.match(/\{\w+\}/g) ?? [])].sort().join(" ");
  for (const language of Object.keys(languages)) {
    const words = await wordsOf(language);
    assert.deepEqual(plain(words), plain(en), language);
    for (const id of plain(en)) {
      const [wanted] = forms(en, id).map((name) => values(en.texts[name]));
      for (const name of forms(words, id)) assert.equal(values(words.texts[name]), wanted, `${language} ${name}`);
    }
  }
});

// Codes that only a mistake of this app can bring: the server's sentence will do.
const ours = /^(invalid_|idempotency_|unauthorized|forbidden|till_revoked|outcome_unknown|answer_not_repeatable)/;

/** The codes with which operations refuse. */
async function codesOf(...operations) {
  const contract = await readFile(new URL("../../../mobile-contracts/openapi.yaml", import.meta.url), "utf8");
  return [...new Set(operations.flatMap((operation) => {
    const [, list] = new RegExp(`operationId: ${operation}\\n[^]*?x-problems:\\s*\\[([^\\]]*)\\]`).exec(contract);
    return list.split(",").map((code) => code.trim());
  }))];
}

test("there is a sentence for every refusal that a till can meet", async () => {
  const codes = await codesOf("scan", "lookUp", "earn", "redeem", "grant", "voidEntry", "findPurchases", "previewRefund", "refundEntry", "reserve", "beginShift", "pairTill", "getTillSetup", "listApprovals", "approve", "refuseApproval");
  assert.ok(codes.length > 30, codes.join(" "));
  assert.deepEqual(codes.filter((code) => !ours.test(code) && !en.has(`problem.${code}`)), []);
});

test("there is a sentence for whatever may be said later of what was done without network", async () => {
  const codes = await codesOf("earn", "redeem", "syncQueue");
  assert.ok(codes.includes("capture_too_old"));
  assert.deepEqual(codes.filter((code) => !ours.test(code) && !en.has(`contested.${code}`) && !en.has(`problem.${code}`)), []);
  for (const code of ["till_blocked", "units_out_of_range", "purchase_invalid"]) assert.ok(en.has(`contested.${code}`), code); // what is true now is not what was
});

test("refusals say when and where, in the shop's words", () => {
  const now = new Date("2026-11-06T10:00:00Z"), here = { till: "till_a", zone: "Europe/Warsaw" };
  const say = (problem) => sentence({ code: "credential_already_used", ...problem }, en, here, now);
  assert.equal(say({ used: { at: "2026-11-06T09:59:48Z", till: "till_a" } }), "This code was already used 12\u00a0s ago at this till.");
  assert.equal(say({ used: { at: "2026-11-06T09:59:48Z", till: "till_b", till_name: "till 2" } }), "This code was already used 12\u00a0s ago at “till 2”.");
  assert.match(say({ used: { at: "2026-11-06T07:00:00Z" } }), /used 8:00\sAM at a partner/);
  assert.equal(say({ code: "cooldown_active", retry_at: "2026-11-06T10:05:00Z" }), "This card has earned a short while ago. Try again in 5\u00a0min.");
  assert.equal(say({ code: "a_new_code", detail: "Something new." }), "Something new.");
  assert.equal(heading({ code: "a_new_code" }, en), "Not possible");
  assert.match(say({ code: "insufficient_balance", least: 50, most: 20 }), /It takes 50, the card has 20\.$/);
  assert.match(say({ code: "insufficient_balance", least: 1500 }), /It takes 1,500, the card has 0\.$/);
  assert.match(say({ code: "amount_invalid", least: 500, most: 2500, currency: "EUR" }), /From €5\.00 to €25\.00 is possible\.$/);
  assert.match(say({ code: "reward_not_applicable", least: 500, currency: "EUR" }), /It takes off at least €5\.00\.$/);
  assert.match(say({ code: "reward_not_applicable", currency: "EUR" }), /It stays on the card\.$/);
});

test("nobody types a PIN for what cannot be found", () => {
  const told = { phone: ["600 100 001", "+48 (600) 100-001", "١٢٣٤٥٦"], email: ["a@b.example"], card_number: ["01H4 55VB 4PEX 5VSK NK08 4SN0 2Q", "card_01h455vb4pex5vsknk084sn02q"] };
  const not = { phone: ["", "12", "Anna", "a12345@b.example"], email: ["", "anna", "@", "a b@c"], card_number: ["", "7F3K", "01H455VB4PEX5VSKNK084SN02"] };
  for (const [by, texts] of Object.entries(told)) for (const text of texts) assert.equal(possible(by, text), true, text);
  for (const [by, texts] of Object.entries(not)) for (const text of texts) assert.equal(possible(by, text), false, text);
});

test("events arrive in any pieces", () => {
  const heard = [];
  const take = listener((data) => heard.push(data.n));
  for (const piece of ["retry: 3000\n\nda", "ta: {\"n\":1}\n", "\n:\n\ndata: {\"n\":2}\n\ndata: {\"n\"", ":3}\n\n"]) take(piece);
  assert.deepEqual(heard, [1, 2, 3]);
});

test("an action is asked for with one key until there is an answer, and its PIN is not kept", async () => {
  const asked = [], kept = [];
  const answers = [new Unanswered("lost"), new Unanswered("lost"), { entries: [] }];
  const server = { ask: async (...all) => { asked.push(all); const next = answers.shift(); if (next instanceof Error) throw next; return next; } };
  const store = { set: (_, value) => kept.push(value), drop: () => kept.push(undefined) };
  const action = { key: "k", path: "/v1/scans/earn", body: { scan: "s", pin: "4711" } };
  const waits = [];
  assert.deepEqual(await settle(server, action, store, async (tries, ms) => waits.push([tries, ms])), { entries: [] });
  assert.deepEqual(asked.map(([, , body, key]) => [body.pin, key]), [["4711", "k"], ["4711", "k"], ["4711", "k"]]);
  assert.deepEqual(waits, [[0, 500], [1, 1000]]);
  assert.equal(JSON.stringify(kept).includes("4711"), false);
  assert.deepEqual([kept[0].pin, kept.at(-1)], [true, undefined]);
  assert.equal(pause(20), 8000);

  answers.push(new Refused({ code: "pin_wrong", detail: "" }));
  await assert.rejects(settle(server, action, store, async () => {}), Refused);
  assert.equal(kept.at(-1), undefined);
});

test("what the till keeps comes back from the safer place, if that knows more", () => {
  globalThis.localStorage = Object.create({
    getItem(name) { return this[name] ?? null; }, setItem(name, value) { this[name] = value; }, removeItem(name) { delete this[name]; },
  });
  let copy;
  keep.changed = () => { copy = keep.all(); };
  keep.set("token", "a");
  keep.set("action", { key: "k" });
  keep.drop("action");
  const safe = copy;
  for (const name of Object.keys(localStorage)) delete localStorage[name]; // it never reached the disk
  keep.restore(safe);
  assert.deepEqual([keep.get("token"), keep.get("action")], ["a", undefined]);
  keep.set("token", "b");
  keep.restore(safe);
  assert.equal(keep.get("token"), "b", "an older copy is put back");
  delete globalThis.localStorage;
  keep.changed = () => {};
});
