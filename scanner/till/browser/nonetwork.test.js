// A day without network: the server's power fails, the shop goes on, the browser is
// killed, and in the end every stamp is where it belongs, once.
import assert from "node:assert/strict";
import { cp, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";

import { api, crash, demo, keeping, open, restart, start, stop } from "../../../passes/web/browser/site.js";
import { balance, button, codeOf, fullCard, gun, look, newCard, newTill, on, paired, prepared, rotatingOf, shelf, statementOf, stillCodeOf, typePIN } from "./desk.js";

before(start);
after(stop);

const entries = async (card, kind) => (await api("GET", `/v1/cards/${card}/entries`)).entries.filter((entry) => entry.kind === kind);
const noNetwork = (page) => page.getByRole("heading", { name: "No network" }).waitFor({ timeout: 30_000 });
const someNetwork = (page) => page.getByRole("heading", { name: "Scan a card" }).waitFor({ timeout: 30_000 });

/** Adds stamps to an ice cream card that is shown offline. */
async function stampOffline(page, text, units = 1) {
  await gun(page, text);
  await on(page, "card");
  await button(page, "Ice cream card").click();
  for (let i = 1; i < units; i++) await button(page, "More").click();
  await page.locator(".units button.main").click();
  await page.getByRole("heading", { name: "Kept" }).waitFor();
  await button(page, "Next customer").click();
  await on(page, "scan");
}

async function handOutOffline(page, live, statement) {
  await gun(page, live);
  await on(page, "card");
  await button(page, "Hand out a reward").click();
  await on(page, "voucher");
  await gun(page, statement);
  await on(page, "redeem");
  await button(page, "Yes, hand it out").click();
  await page.getByRole("heading", { name: "Hand it out now" }).waitFor();
  await button(page, "Next customer").click();
  await on(page, "scan");
}

const synced = async (page) => {
  for (let i = 0; i < 200; i++) {
    if ((await shelf(page)).items.every((item) => item.refused)) return;
    await page.waitForTimeout(100);
  }
  throw new Error("not all was sent");
};

test("the power fails, the shop goes on, the browser is killed: each stamp counts once", async (t) => {
  const profile = await mkdtemp(join(tmpdir(), "stempel-tablet-"));
  t.after(() => rm(profile, { recursive: true, force: true, maxRetries: 5 }));
  let tablet = await keeping(t, profile);
  let page = await tablet.context.newPage();
  const till = await newTill();
  await page.goto(`${demo.base_url}/till#${till.code}`);
  await on(page, "pair");
  await page.locator("button.main").click();
  await on(page, "scan");
  await prepared(page);
  const token = JSON.parse(await page.evaluate(() => localStorage.getItem("stempel.till.token")));

  const [a, b, c, d] = await Promise.all([newCard(), newCard(), newCard(), newCard()]);
  const { card: full, voucher } = await fullCard();
  const still = await stillCodeOf(b);
  const turning = await rotatingOf(c);
  const [live, spent, late, mine] = [await codeOf(a), await codeOf(d), await codeOf(a), await codeOf(full)];
  const statement = await statementOf(full, voucher);
  await api("POST", "/v1/scans", { credential: spent, earn: { units: 1 } }, demo.till_token); // at the other till, while there is a network

  await crash();
  await gun(page, live); // nobody answers: it goes on by itself
  await on(page, "card");
  await button(page, "Ice cream card").click();
  await button(page, "+1 stamp").click();
  await page.getByRole("heading", { name: "Kept" }).waitFor();
  await button(page, "Next customer").click();
  await noNetwork(page);
  await gun(page, live);
  await on(page, "card");
  await page.getByText("has already earned at this till").waitFor();
  await button(page, "Close").click();
  await stampOffline(page, spent);
  await handOutOffline(page, mine, statement);
  await gun(page, mine);
  await page.getByText("The code is genuine").waitFor();
  await button(page, "Hand out a reward").count().then((n) => assert.equal(n, 0, "one code hands out twice"));
  await button(page, "Close").click();
  await stampOffline(page, still, 2);
  await page.getByText("4 wait to be sent").waitFor();
  await page.getByText(/4 rewards may still be handed out/).waitFor();

  await tablet.kill();
  tablet = await keeping(t, profile);
  page = await tablet.context.newPage();
  await page.goto(`${demo.base_url}/till`); // from what the browser keeps
  await noNetwork(page);
  await page.getByText("4 wait to be sent").waitFor();
  await stampOffline(page, turning());
  await stampOffline(page, late, 3);
  const before = await shelf(page);
  assert.deepEqual(before.items.map((item) => item.counter), [1, 2, 3, 4, 5, 6]);

  await restart();
  await someNetwork(page);
  await synced(page);
  await page.getByText("5 were sent and credited. 1 was not credited.").click();
  await on(page, "waiting");
  await page.getByText("The code had already been used, here or at another till.").waitFor();
  assert.deepEqual(await Promise.all([a, b, c, d].map(balance)), [4, 2, 1, 1]);
  assert.equal((await entries(full, "redeem")).length, 1);
  assert.deepEqual((await api("GET", `/v1/cards/${full}`)).vouchers, []);
  const { contested } = await api("GET", `/v1/contested?till=${till.id}`);
  assert.deepEqual(contested.map(({ code, do: what, counter, loss }) => [code, what, counter, loss]), [["credential_already_used", "earn", 2, false]]);

  // What a second tablet, restored from a copy of this one, would send.
  const count = async () => (await Promise.all([a, b, c, d, full].map(async (card) => (await api("GET", `/v1/cards/${card}/entries`)).entries.length))).join();
  const stood = await count();
  for (let i = 0; i < 2; i++) {
    const { results } = await api("POST", "/v1/till/sync", { items: before.items.map((item) => item.text) }, token);
    assert.deepEqual(results.map((result) => result.state), ["posted", "contested", "posted", "posted", "posted", "posted"]);
  }
  assert.equal(await count(), stood);
  assert.equal((await api("GET", `/v1/contested?till=${till.id}`)).contested.length, 1);

  await button(page, "I have read it").click();
  await someNetwork(page);
  assert.deepEqual((await shelf(page)).told, []);
});

test("the same queue from two restored tablets: nothing counts twice, and what does not count is told", async (t) => {
  const folder = await mkdtemp(join(tmpdir(), "stempel-tablets-"));
  t.after(() => rm(folder, { recursive: true, force: true, maxRetries: 5 }));
  const profiles = [join(folder, "one"), join(folder, "two")];
  const first = await keeping(t, profiles[0]);
  let page = await first.context.newPage();
  const till = await newTill();
  await page.goto(`${demo.base_url}/till#${till.code}`);
  await on(page, "pair");
  await page.locator("button.main").click();
  await on(page, "scan");
  await prepared(page);
  const cards = await Promise.all([newCard(), newCard(), newCard()]);
  const codes = await Promise.all(cards.map(stillCodeOf));
  await crash();
  await gun(page, codes[0]);
  await on(page, "card");
  await button(page, "Close").click();
  await stampOffline(page, codes[0]);
  await first.kill();
  await cp(profiles[0], profiles[1], { recursive: true, filter: (name) => !name.includes("Singleton") }); // those name the other's process
  const pages = [];
  for (const [i, profile] of profiles.entries()) {
    page = await (await keeping(t, profile)).context.newPage();
    await page.goto(`${demo.base_url}/till`);
    await noNetwork(page);
    await stampOffline(page, codes[i + 1]);
    pages.push(page);
  }
  await restart();
  await Promise.all(pages.map(synced));
  const [one, two, three] = await Promise.all(cards.map(balance));
  assert.deepEqual([one, two + three], [1, 1]);
  const loser = pages[two ? 1 : 0];
  await loser.getByText("1 was sent and credited. 1 was not credited.").click();
  await loser.getByText("Another copy of this device has already sent something under the same number.").waitFor();
  const { contested } = await api("GET", `/v1/contested?till=${till.id}`);
  assert.deepEqual(contested.map(({ code, counter }) => [code, counter]), [["counter_reused", 2]]);
});

test("the tablet's clock is an hour off, and is set while there is no network", async (t) => {
  for (const off of [3_600_000, -3_600_000]) {
    const page = await paired(t, { before: (context) => context.addInitScript((off) => {
      const real = Date.now;
      globalThis.off = off;
      Date.now = () => real() + globalThis.off;
    }, off) });
    await prepared(page);
    const [steady, set, cold] = await Promise.all([newCard(), newCard(), newCard()]);
    const codes = await Promise.all([steady, set, cold].map(codeOf));
    const began = Date.now();
    await crash();
    await page.reload();
    await noNetwork(page);
    await stampOffline(page, codes[2]); // all that it has are its own clock and what it knew of it
    await restart();
    await someNetwork(page);
    await synced(page);
    await crash();
    await gun(page, codes[0]);
    await on(page, "card");
    await button(page, "Close").click();
    await noNetwork(page);
    await stampOffline(page, codes[0]);
    await page.evaluate(() => { globalThis.off -= 3_600_000; });
    await stampOffline(page, codes[1]);
    const ended = Date.now();
    await restart();
    await someNetwork(page);
    await synced(page);
    for (const card of [steady, set, cold]) {
      const [entry] = await entries(card, "earn");
      const captured = Date.parse(entry.captured_at);
      assert.ok(captured > began - 3000 && captured < ended + 3000, `captured ${captured - began} ms after it began`);
    }
  }
});

test("two tabs of one tablet send each item once", async (t) => {
  const page = await paired(t);
  await prepared(page);
  const sent = [];
  const other = await page.context().newPage();
  for (const tab of [page, other]) {
    tab.on("request", (request) => { if (request.url().endsWith("/v1/till/sync")) sent.push(...request.postDataJSON().items); });
  }
  await other.goto(`${demo.base_url}/till`);
  await someNetwork(other);
  const cards = await Promise.all(Array.from({ length: 6 }, () => newCard()));
  const codes = await Promise.all(cards.map(codeOf));
  await crash();
  for (const tab of [page, other]) {
    await gun(tab, "STS.NOTHING");
    await on(tab, "refused");
    await button(tab, "Next customer").click();
    await noNetwork(tab);
  }
  for (const [i, code] of codes.entries()) await stampOffline(i % 2 ? page : other, code);
  await gun(other, codes[1]);
  await page.getByText("6 wait to be sent").waitFor();
  await other.getByText("has already earned at this till").waitFor();
  await restart();
  await someNetwork(page);
  await synced(page);
  await other.waitForTimeout(6000); // the other tab finds the network, too
  assert.deepEqual(await Promise.all(cards.map(balance)), cards.map(() => 1));
  assert.equal(sent.length, 6);
  assert.equal(new Set(sent).size, 6);
});

test("nothing can be kept: nothing is accepted, and it is told", async (t) => {
  const page = await paired(t, { before: (context) => context.addInitScript(() => {
    IDBFactory.prototype.open = () => { throw new DOMException("no", "SecurityError"); };
  }) });
  await page.locator('html[data-kept="yes"]').waitFor();
  const code = await codeOf(await newCard());
  await page.context().setOffline(true);
  await noNetwork(page);
  await page.getByText("lets nothing be kept on this device").waitFor();
  await look(page, "phone-offline-unkept");
  await gun(page, code);
  await page.waitForTimeout(300);
  assert.equal(await page.locator("body").getAttribute("data-screen"), "scan");
  await page.context().setOffline(false);
});

test("what was kept is taken back before it is sent, and the code is good again", async (t) => {
  const page = await paired(t);
  await prepared(page);
  const card = await newCard(), code = await codeOf(card);
  const { card: full, voucher } = await fullCard();
  const [live, statement] = [await codeOf(full), await statementOf(full, voucher)];
  await page.context().setOffline(true);
  await noNetwork(page);
  const add = async (more) => {
    await gun(page, code);
    await on(page, "card");
    await button(page, "Ice cream card").click();
    for (let i = 0; i < more; i++) await button(page, "More").click();
    await page.locator(".units button.main").click();
    await page.getByRole("heading", { name: "Kept" }).waitFor();
  };
  await add(4);
  await look(page, "phone-offline-kept-undo");
  await button(page, "Undo").click();
  await page.getByRole("heading", { name: "Taken back" }).waitFor();
  await look(page, "phone-offline-taken-back");
  await button(page, "Next customer").click();
  assert.deepEqual((await shelf(page)).items, []);
  await handOutOffline(page, live, statement);
  await page.getByText(/4 rewards may still be handed out/).waitFor();
  await look(page, "phone-offline-scan-undo");
  await button(page, "Undo").click(); // the customer has changed their mind
  await button(page, "Next customer").click();
  await page.getByText(/5 rewards may still be handed out/).waitFor();
  await add(0);
  await button(page, "Next customer").click();
  await page.context().setOffline(false);
  await someNetwork(page);
  await synced(page);
  assert.equal(await balance(card), 1);
  assert.equal(await button(page, "Undo").count(), 0, "what was sent can be taken back here");
  assert.equal((await entries(full, "redeem")).length, 0);
  assert.deepEqual(page.complaints, []);
});

test("a till that the server takes nothing from says that it is blocked, and hands out nothing", async (t) => {
  const page = await paired(t);
  await prepared(page);
  const code = await stillCodeOf(await newCard());
  await page.context().setOffline(true);
  await noNetwork(page);
  await stampOffline(page, code);
  const problem = { type: "about:blank", title: "Forbidden", status: 403, code: "till_blocked", detail: "This till is blocked." };
  await page.route("**/v1/till/sync", (route) => route.fulfill({ status: 403, contentType: "application/problem+json", body: JSON.stringify(problem) }));
  await page.context().setOffline(false);
  await page.getByText("so nothing is sent now").waitFor({ timeout: 30_000 });
  const { items, notes } = await shelf(page);
  assert.equal(items.length, 1);
  assert.equal(notes.some((note) => note.name.startsWith("lease")), false, "it could hand out rewards");
});

test("locking without network warns as long as there is none", async (t) => {
  const page = await paired(t);
  await prepared(page);
  await page.locator("#top .chip").click();
  await page.locator(".people button").first().click();
  await typePIN(page, demo.cashier_pin);
  await on(page, "scan");
  await page.context().setOffline(true);
  await noNetwork(page);
  await button(page, "Menu").click();
  await button(page, "Lock the till").click();
  await page.getByText("it stays locked until the network is back").waitFor();
  await page.context().setOffline(false);
  await page.getByText("it stays locked until the network is back").waitFor({ state: "detached" });
  await button(page, "Lock the till").click();
  await on(page, "staff");
});

test("the storage is full: what could not be kept was not accepted", async (t) => {
  const page = await paired(t);
  await prepared(page);
  const card = await newCard();
  const codes = [await codeOf(card), await codeOf(card)];
  await page.context().setOffline(true);
  await noNetwork(page);
  await page.evaluate(() => {
    const put = IDBObjectStore.prototype.put;
    IDBObjectStore.prototype.put = function (thing) {
      if (globalThis.full && this.name === "items") throw new DOMException("no room", "QuotaExceededError");
      return put.call(this, thing);
    };
    globalThis.full = true;
  });
  await gun(page, codes[0]);
  await on(page, "card");
  await button(page, "Ice cream card").click();
  await button(page, "+1 stamp").click();
  await on(page, "refused");
  await page.getByText("The storage of this device is full").waitFor();
  assert.equal((await shelf(page)).items.length, 0);
  await button(page, "Next customer").click();
  await page.evaluate(() => { globalThis.full = false; });
  await stampOffline(page, codes[0]); // it was not used
  await page.context().setOffline(false);
  await someNetwork(page);
  await synced(page);
  assert.equal(await balance(card), 1);
});

test("a till that is signed out or revoked keeps what waits, and sends it when it is that till again", async (t) => {
  const page = await paired(t);
  await prepared(page);
  const cards = [await newCard(), await newCard()];
  const codes = await Promise.all(cards.map(codeOf));
  await page.context().setOffline(true);
  await noNetwork(page);
  await stampOffline(page, codes[0]);
  await stampOffline(page, codes[1]);
  await page.locator("#top .round").click();
  await button(page, "Sign this device out").click();
  await page.getByText("2 items have not been sent yet").waitFor();
  await button(page, "Back").click();
  await api("POST", `/v1/tills/${page.till.id}/revoke`, {});
  await page.context().setOffline(false);
  await on(page, "pair");
  await page.getByText(`2 items of the till “${page.till.name}” wait on this device`).waitFor();
  await look(page, "phone-offline-pair");
  assert.equal((await shelf(page)).items.length, 2);

  const another = await newTill();
  await pairAgain(page, another.code);
  await on(page, "scan");
  await page.waitForTimeout(1500);
  assert.equal((await shelf(page)).items.length, 2, "another till has sent them");
  await page.locator("#top .round").click();
  await button(page, "Sign this device out").click();
  await button(page, "Yes, sign it out").click();
  await pairAgain(page, (await api("POST", `/v1/tills/${page.till.id}/pairing`, {})).code);
  await on(page, "scan");
  await synced(page);
  assert.deepEqual(await Promise.all(cards.map(balance)), [1, 1]);
});

async function pairAgain(page, code) {
  await on(page, "pair");
  await page.locator("#code").fill(code);
  await button(page, "Pair").click();
}

test("what a code may not do offline is told in plain words", async (t) => {
  const page = await paired(t);
  await prepared(page);
  const one = await fullCard(), other = await fullCard();
  const live = await codeOf(one.card);
  const [mine, theirs] = [await statementOf(one.card, one.voucher), await statementOf(other.card, other.voucher)];
  const still = await stillCodeOf(one.card);
  const bent = live.replace(/.$/, (last) => (last === "A" ? "Q" : "A"));
  await page.context().setOffline(true);
  await noNetwork(page);
  const refused = async (text, sentence) => {
    await gun(page, text);
    await on(page, "refused");
    assert.match(await page.locator(".why").innerText(), sentence);
    await button(page, "Next customer").click();
  };
  await gun(page, still);
  await page.getByText("Scan the first code there").waitFor();
  assert.equal(await button(page, "Hand out a reward").count(), 0, "a code that can be photographed hands out");
  await button(page, "Close").click();
  await refused("WIFI:T:WPA;S:Cafe;P:secret;;", /a Wi‑Fi network/);
  await refused("x".repeat(900), /not one of our cards/);
  await refused(bent, /not made by our system/);
  await refused(mine, /Scan the customer's card first/);
  await gun(page, live);
  await button(page, "Hand out a reward").click();
  await on(page, "voucher");
  await gun(page, live); // still in view
  await page.waitForTimeout(300);
  assert.equal(await page.locator("body").getAttribute("data-screen"), "voucher");
  await refused(theirs, /belongs to another card/);
  await gun(page, live);
  await button(page, "Hand out a reward").click();
  await refused("https://example.org", /not a reward's code/);
  assert.equal((await shelf(page)).items.length, 0);
  await page.context().setOffline(false);
});

test("a shift goes on through a cold start without network, and is proven as soon as there is one", async (t) => {
  const page = await paired(t);
  await prepared(page);
  await button(page, "Sign in").click();
  await page.locator(".people button", { hasText: "Anna" }).click();
  await typePIN(page, demo.cashier_pin);
  await on(page, "scan");
  const card = await newCard();
  const code = await codeOf(card);
  await crash();
  await page.reload();
  await noNetwork(page);
  await page.locator("#top .chip", { hasText: "Anna" }).waitFor();
  await stampOffline(page, code);
  await page.locator("#top .chip").click();
  await on(page, "staff");
  await page.getByText("Signing in needs the network").waitFor();
  await button(page, "Lock the till").click();
  await on(page, "lock");
  await look(page, "phone-offline-lock");
  await button(page, "Back").click();
  await restart();
  await on(page, "staff");
  await synced(page);
  const [entry] = await entries(card, "earn");
  const { staff } = await api("GET", "/v1/staff");
  assert.equal(entry.staff, staff.find((who) => who.name === "Anna").id);
});

test("nobody is locked out while nobody could sign in, and whoever was away is locked out after", async (t) => {
  const page = await paired(t);
  await prepared(page);
  await page.clock.install();
  await page.reload();
  await on(page, "scan");
  await button(page, "Sign in").click();
  await page.locator(".people button", { hasText: "Anna" }).click();
  await typePIN(page, demo.cashier_pin);
  await on(page, "scan");
  await page.context().setOffline(true);
  await noNetwork(page);
  await page.clock.fastForward("06:00");
  await page.waitForTimeout(300);
  assert.equal(await page.locator("body").getAttribute("data-screen"), "scan");
  await page.context().setOffline(false);
  await on(page, "staff");
});

test("an action without an answer waits aside while the shop goes on", async (t) => {
  const page = await paired(t);
  await prepared(page);
  const [one, two] = [await newCard(), await newCard()];
  const codes = [await codeOf(one), await codeOf(two)];
  await gun(page, codes[0]);
  await on(page, "card");
  await crash();
  await button(page, "+1 stamp").click();
  await button(page, "Go on without the network").click();
  await noNetwork(page);
  await page.getByText("Still without an answer: +1 stamp").waitFor();
  await look(page, "phone-offline-aside");
  await gun(page, codes[0]);
  await page.getByText("has already earned at this till").waitFor();
  await button(page, "Close").click();
  await stampOffline(page, codes[1]);
  await restart();
  await on(page, "done");
  await synced(page);
  assert.deepEqual([await balance(one), await balance(two)], [1, 1]);
});

test("what waits aside for a printed card is not kept a second time", async (t) => {
  const page = await paired(t);
  await prepared(page);
  const card = await newCard();
  const printed = await stillCodeOf(card);
  await gun(page, printed);
  await on(page, "card");
  await crash();
  await button(page, "+1 stamp").click();
  await button(page, "Go on without the network").click();
  await noNetwork(page);
  await gun(page, printed);
  await on(page, "refused");
  await page.getByText(/already used .* at this till/).waitFor();
  await button(page, "Next customer").click();
  await restart();
  await on(page, "done");
  assert.equal(await balance(card), 1);
  assert.deepEqual((await shelf(page)).items, []);
  await crash();
  await button(page, "Next customer").click();
  await noNetwork(page);
  await stampOffline(page, printed); // with the answer it may be taken again
  await restart();
  await synced(page);
  assert.equal(await balance(card), 2);
});
