// A day at the till in a real browser: pair, scan, stamp, refuse, hand out, take
// back, change cashiers, lose the network, be revoked.
import assert from "node:assert/strict";
import { createServer } from "node:http";
import { Readable } from "node:stream";
import { after, before, test } from "node:test";

import { api, demo, start, stop } from "../../../passes/web/browser/site.js";
import { balance, button, codeOf, gun, look, newCard, newTill, on, opened, paired, prepared, show, stillCodeOf, typePIN, unpaired } from "./desk.js";

before(start);
after(stop);

const heading = (page) => page.locator("#screen h1").innerText();

test("pair, stamp, be refused, fill the card, hand out, take back", async (t) => {
  const page = await paired(t);
  assert.equal(new URL(page.url()).hash, "", "the pairing code stands in the history");
  const card = await newCard();
  const code = await codeOf(card);
  await show(page, code);
  assert.match(await heading(page), new RegExp(card.slice(-4), "i"));
  await button(page, "+1 stamp").click();
  await on(page, "done");
  assert.equal(await balance(card), 1);
  await page.locator(".picture[aria-label='1 of 10 stamps']").waitFor();

  await show(page, code);
  assert.match(await page.locator(".why").innerText(), /used \d+\ss ago at this till/);
  assert.equal(await button(page, "+1 stamp").count(), 0, "what would be refused can be pressed");
  assert.equal(await balance(card), 1);

  await show(page, await codeOf(card));
  for (let i = 0; i < 8; i++) await button(page, "More").click();
  await button(page, "+9 stamps").click();
  await on(page, "done");
  await page.getByText("A reward is ready").waitFor();
  await button(page, "Go on with this card").click();
  await page.locator(".rewards li button:not(.hold)").click();
  await on(page, "redeem");
  assert.equal((await api("GET", `/v1/cards/${card}`)).vouchers.length, 1, "handed out without a second press");
  await button(page, "Yes, hand it out").click();
  await on(page, "done");
  assert.equal((await api("GET", `/v1/cards/${card}`)).vouchers.length, 0);
  await button(page, "Undo").click();
  await page.getByRole("heading", { name: "Taken back" }).waitFor();
  assert.equal((await api("GET", `/v1/cards/${card}`)).vouchers.length, 1);
  assert.deepEqual(page.complaints, []);
});

test("the till says why, when it is asked", async () => {
  const { rules } = (await api("GET", "/v1/templates")).templates.find((one) => one.name === "ice-cream");
  rules.earn.bonuses = [{ name: "Grand opening", multiplier: 2000 }, { name: "Hello", when: "1 / (card.visit - 1) > 0", units: 3 }];
  rules.earn.purchase_cap = 3;
  const program = (await api("POST", "/v1/programs", { rules })).id;
  const card = (await api("POST", "/v1/cards", { program })).id;
  const page = await opened();
  await show(page, await codeOf(card));
  await button(page, "More").click();
  await button(page, "+2 stamps").click();
  await on(page, "done");
  await page.locator(".because summary").click();
  assert.deepEqual(await page.locator(".because li").allInnerTexts(), [
    "+2 Base rate", "+2 Grand opening", "0 Hello: could not be told this time", "−1 The most for one purchase",
  ]);
  await look(page, "why");
  assert.equal(await balance(card), 3);
  assert.deepEqual(page.complaints, []);
});

test("what is taken back is told as taken off", async () => {
  const page = await opened();
  const card = await newCard();
  await show(page, await codeOf(card));
  await button(page, "More").click();
  await button(page, "+2 stamps").click();
  await on(page, "done");
  await button(page, "Undo").click();
  await page.getByRole("heading", { name: "Taken back" }).waitFor();
  assert.equal(await page.locator(".what").innerText(), "−2 stamps");
  await look(page, "phone-taken-back");
  assert.equal(await balance(card), 0);
});

test("another till used the code", async () => {
  const page = await opened();
  const code = await codeOf(await newCard());
  await api("POST", "/v1/scans", { credential: code, earn: { units: 1 } }, demo.till_token);
  await gun(page, code);
  await on(page, "refused");
  assert.match(await page.locator(".why").innerText(), /used \d+\ss ago at “Counter”/);
});

test("what is none of our codes is told so in the cashier's language", async () => {
  for (const [locale, said] of [["en", /code of a Wi‑Fi network/], ["pl", /kod sieci Wi‑Fi/], ["ro", /codul unei rețele Wi‑Fi/]]) {
    const page = await opened({ locale });
    await gun(page, "WIFI:T:WPA;S:Cafe;P:secret;;");
    await on(page, "refused");
    assert.match(await page.locator(".why").innerText(), said);
    assert.equal(await page.locator("html").getAttribute("lang"), locale);
  }
});

test("a discount is taken off a bill, counts for the next one, and is taken back", async () => {
  const page = await opened();
  const card = await newCard("restaurant");
  await show(page, await codeOf(card));
  assert.equal(await page.locator(".percent").innerText(), "3%");
  await page.getByText("€200.00 more to 5%").first().waitFor();
  await look(page, "discount");
  for (const key of ["2", "0", "6", "1", "9"]) await page.locator(".keys").getByRole("button", { name: key, exact: true }).click();
  await button(page, "Take 3% off €206.19").click();
  await on(page, "done");
  await page.getByText("€6.19 off, €200.00 to pay").waitFor();
  await page.getByText("From now on 5%").waitFor();
  assert.equal(await page.locator(".percent").count(), 0);
  await look(page, "discount-done");
  assert.equal((await api("GET", `/v1/cards/${card}`)).discount.spent, 20_000);
  await button(page, "Undo").click();
  await page.getByRole("heading", { name: "Taken back" }).waitFor();
  assert.equal((await api("GET", `/v1/cards/${card}`)).discount.rate, 300);

  await show(page, await stillCodeOf(card));
  await page.locator(".keys").getByRole("button", { name: "9", exact: true }).click();
  await button(page, "Take 3% off €0.09").click();
  await typePIN(page, demo.cashier_pin);
  await on(page, "done");
  assert.deepEqual(page.complaints, []);
});

const type = async (page, keys) => {
  for (const key of keys) await page.locator(".keys").getByRole("button", { name: key, exact: true }).click();
};

test("a reward takes a fifth off the next pair of shoes, and is taken back", async () => {
  const page = await opened();
  const card = await newCard("shoe-shop");
  await api("POST", "/v1/scans", { credential: await codeOf(card), earn: { units: 5 } }, demo.till_token);
  await show(page, await codeOf(card));
  await page.locator(".rewards li button:not(.hold)").click();
  await on(page, "worth");
  await type(page, ["7", "9", "9", "9"]);
  await look(page, "worth-bill");
  await button(page, "Use it for €79.99").click();
  await on(page, "done");
  await page.getByRole("heading", { name: "Take €16.00 off the bill" }).waitFor();
  await page.getByText("€63.99 to pay").waitFor();
  await look(page, "worth-done");
  assert.equal((await api("GET", `/v1/cards/${card}`)).vouchers.length, 0);
  await button(page, "Undo").click();
  await page.getByRole("heading", { name: "Taken back" }).waitFor();
  assert.equal((await api("GET", `/v1/cards/${card}`)).vouchers.length, 1);
  assert.deepEqual(page.complaints, []);
});

test("a gift card is used in parts, and points pay a bill, whose rest earns", async () => {
  const rules = {
    name: "Points", kind: "points", earn: { by: "spend", units: 1, per: 100, currency: "EUR", rounding: "down" }, welcome: 100,
    rewards: [
      { name: "Gift card", kind: "gift_card", amount: 2000, currency: "EUR", cost: 10 },
      { name: "Points as money", kind: "amount_off", currency: "EUR", flexible: { units: 1, per: 10, min: 50 } },
    ],
  };
  const program = (await api("POST", "/v1/programs", { rules })).id;
  const card = (await api("POST", "/v1/cards", { program })).id;
  const page = await opened();
  const ready = async (name) => {
    await show(page, await codeOf(card));
    await page.locator(".rewards li button").filter({ hasText: name }).first().click();
  };
  await ready("Gift card");
  await on(page, "redeem");
  await button(page, "Yes, put it on the card").click();
  await on(page, "done");

  await ready("€20.00 on the gift card");
  await on(page, "worth");
  await button(page, "All of it: €20.00").waitFor();
  await type(page, ["7", "5", "0"]);
  await look(page, "worth-gift");
  await button(page, "Use €7.50").click();
  await on(page, "done");
  await page.getByText("€7.50 used, €12.50 left on it").waitFor();
  await look(page, "worth-gift-done");

  await ready("Points as money");
  await type(page, ["1", "2", "00"]);
  await button(page, "Use it for €12.00").click();
  await button(page, "All of it: €9.00").click();
  await on(page, "done");
  await page.getByText("€3.00 to pay").waitFor();
  await button(page, "Credit the €3.00 paid").click();
  await page.getByText("+3 points").waitFor();
  assert.equal(await balance(card), 3);
  assert.deepEqual(page.complaints, []);
});

test("points by the amount that was paid", async () => {
  const page = await opened();
  const card = await newCard("supermarket");
  await show(page, await codeOf(card));
  for (const key of ["1", "2", "00"]) await page.locator(".keys").getByRole("button", { name: key, exact: true }).click();
  await page.getByText("about 12 points").waitFor();
  await button(page, /Add for €12\.00/).click();
  await on(page, "done");
  assert.equal(await balance(card), 12);
  await page.getByText("+12 points").waitFor();
});

test("an answer that gets lost is asked for again, and counts once", async () => {
  const page = await opened();
  const card = await newCard();
  await show(page, await codeOf(card));
  const keys = [];
  await page.route("**/v1/scans/earn", async (route) => {
    keys.push(route.request().headers()["idempotency-key"]);
    if (keys.length > 2) return route.continue();
    await route.fetch();
    await route.abort();
  });
  await button(page, "+1 stamp").click();
  await page.getByRole("heading", { name: "No answer yet" }).waitFor();
  await on(page, "done");
  assert.ok(keys.length > 2);
  assert.equal(new Set(keys).size, 1);
  assert.equal(await balance(card), 1);
});

test("no answer yet: what is the same is not drawn anew at each try, and never fades", async (t) => {
  const page = await paired(t);
  const card = await newCard();
  await show(page, await codeOf(card));
  let tries = 0;
  const lost = (n) => new Promise((resolve) => { page.on("requestfailed", () => { if (++tries === n) resolve(); }); });
  const fifth = lost(5);
  await page.route("**/v1/scans/earn", (route) => route.abort());
  await page.evaluate(() => {
    globalThis.faded = globalThis.drawn = 0;
    document.addEventListener("animationstart", ({ target }) => { if (target.querySelector("button")) globalThis.faded++; }, true);
    new MutationObserver(() => globalThis.drawn++).observe(document.querySelector("#screen"), { childList: true });
  });
  await button(page, "+1 stamp").click();
  await page.getByRole("heading", { name: "No answer yet" }).waitFor();
  assert.equal(await page.locator(".sending").evaluate((one) => getComputedStyle(one).opacity), "1");
  await look(page, "no-answer-yet");
  await button(page, "Try now").focus();
  await fifth;
  assert.deepEqual(await page.evaluate(() => [globalThis.drawn, globalThis.faded]), [2, 0], "more than One moment and No answer yet was drawn, or it fades");
  assert.equal(await page.evaluate(() => document.activeElement.textContent), "Try now", "the focus is lost");
  await page.unroute("**/v1/scans/earn");
  await page.keyboard.press("Enter");
  await on(page, "done");
  assert.equal(await balance(card), 1);
});

test("an answer that the page was closed over is asked for again", async () => {
  const page = await opened();
  const card = await newCard();
  await show(page, await codeOf(card));
  await page.route("**/v1/scans/earn", async (route) => {
    await route.fetch();
    await route.abort();
  });
  await button(page, "+1 stamp").click();
  await page.getByRole("heading", { name: "No answer yet" }).waitFor();
  await page.unroute("**/v1/scans/earn");
  await page.reload();
  await on(page, "done");
  assert.equal(await balance(card), 1);
});

test("a PIN where one is asked for", async () => {
  const page = await opened();
  const card = await newCard();
  await show(page, await codeOf(card));
  for (let i = 0; i < 11; i++) await button(page, "More").click();
  await button(page, "+12 stamps").click();
  await on(page, "done");
  await show(page, await stillCodeOf(card));
  await page.locator(".rewards li button", { hasText: "needs a PIN" }).click();
  await button(page, "Yes, hand it out").click();
  await typePIN(page, "0000");
  await page.getByText("The PIN is wrong.").waitFor();
  await typePIN(page, demo.cashier_pin);
  await on(page, "done");
  const { entries } = await api("GET", `/v1/cards/${card}/entries?limit=1`);
  assert.ok(entries[0].staff, "who approved it is not noted");
  assert.equal(await page.evaluate((pin) => JSON.stringify(localStorage).includes(pin), demo.cashier_pin), false);
});

test("what a shop limits, a manager lifts", async (t) => {
  await api("PATCH", "/v1/merchant", { limits: { card_earns_per_hour: 1 } });
  t.after(() => api("PATCH", "/v1/merchant", { limits: {} }));
  const page = await opened();
  const card = await newCard();
  for (const ended of ["done", "refused"]) {
    await show(page, await codeOf(card));
    await button(page, "+1 stamp").click();
    await on(page, ended);
  }
  assert.equal(await heading(page), "Too often");
  assert.match(await page.locator(".why").innerText(), /as the shop allows.* Try again in 60\smin/);
  assert.equal(await balance(card), 1);
  await button(page, "With a manager's PIN").click();
  await typePIN(page, demo.manager_pin);
  await on(page, "done");
  const { entries } = await api("GET", `/v1/cards/${card}/entries?limit=1`);
  assert.deepEqual(entries[0].lifted, ["card_earns_per_hour"]);
});

test("more than a program's maximum asks for the manager first", async () => {
  const page = await opened();
  const card = await newCard();
  await show(page, await codeOf(card));
  for (let i = 0; i < 20; i++) await button(page, "More").click();
  await button(page, "+21 stamps").click();
  await on(page, "pin");
  assert.equal(await balance(card), 0);
  await typePIN(page, demo.manager_pin);
  await on(page, "done");
  assert.equal((await api("GET", `/v1/cards/${card}`)).lifetime, 21);
});

test("cashiers change, and the till locks by itself", async (t) => {
  const page = await paired(t);
  await page.clock.install();
  await page.reload();
  await on(page, "scan");
  await button(page, "Sign in").click();
  await page.locator(".people button", { hasText: "Anna" }).click();
  await typePIN(page, demo.manager_pin);
  await page.locator(".wrong:not(:empty)").waitFor();
  await typePIN(page, demo.cashier_pin);
  await on(page, "scan");
  const card = await newCard();
  await show(page, await codeOf(card));
  await button(page, "+1 stamp").click();
  await on(page, "done");
  const { entries } = await api("GET", `/v1/cards/${card}/entries?limit=1`);
  const { staff } = await api("GET", "/v1/staff");
  assert.equal(entries[0].staff, staff.find((who) => who.name === "Anna").id);

  await page.clock.fastForward("06:00");
  await on(page, "staff");
  await gun(page, await codeOf(card));
  await page.waitForTimeout(500);
  assert.equal(await page.locator("body").getAttribute("data-screen"), "staff", "a locked till has scanned");
  await page.reload();
  await on(page, "staff");
  await page.locator(".people button", { hasText: "Manager" }).click();
  await typePIN(page, demo.manager_pin);
  await on(page, "scan");
});

test("too many wrong PINs: the wait is told", async (t) => {
  const page = await paired(t);
  await button(page, "Sign in").click();
  await page.locator(".people button", { hasText: "Anna" }).click();
  for (const pin of ["0001", "0002", "0003", "0004", "0005"]) {
    await typePIN(page, pin);
    await page.locator(".wrong:not(:empty)").waitFor();
  }
  await page.getByText(/Try again in 5\smin/).waitFor();
});

test("it opens without the network, and says so", async (t) => {
  const page = await paired(t);
  await prepared(page);
  await page.context().setOffline(true);
  await page.reload();
  await page.getByRole("heading", { name: "No network" }).waitFor();
  await page.getByText("What you add is kept here").waitFor();
  await page.context().setOffline(false);
  await page.getByRole("heading", { name: "Scan a card" }).waitFor();
  const card = await newCard();
  await show(page, await codeOf(card));
});

test("a till that was revoked goes back to pairing, and is paired again", async (t) => {
  const page = await paired(t);
  await api("POST", `/v1/tills/${page.till.id}/revoke`, {});
  await gun(page, await codeOf(await newCard()));
  await on(page, "pair");
  await page.getByText("signed out by the office").waitFor();
  assert.equal(await page.evaluate(() => localStorage.getItem("stempel.till.token")), null);
  await page.reload();
  await page.getByText("signed out by the office").waitFor();
  await page.locator("#code").fill((await newTill()).code.toLowerCase().replace("-", " "));
  await button(page, "Pair").click();
  await on(page, "scan");
});

test("a server that does not answer is asked again by itself", async (t) => {
  const page = await paired(t);
  await prepared(page);
  await page.route("**/v1/**", (route) => route.abort());
  await gun(page, await codeOf(await newCard()));
  await on(page, "card");
  await page.getByText("The code is genuine").waitFor();
  await button(page, "Close").click();
  await page.getByRole("heading", { name: "No network" }).waitFor();
  await page.unroute("**/v1/**");
  await page.getByRole("heading", { name: "Scan a card" }).waitFor({ timeout: 15_000 });
});

test("a new version is told of, and loaded when somebody taps", async (t) => {
  const { url, release } = await fronted(t);
  const page = await paired(t, { at: url });
  await page.locator('html[data-kept="yes"]').waitFor();
  release();
  await page.evaluate(async () => { await (await navigator.serviceWorker.ready).update(); });
  const loaded = page.waitForEvent("load");
  await button(page, "New version – tap to load").click();
  await loaded;
  await on(page, "scan");
  await page.waitForTimeout(300);
  assert.equal(await button(page, "New version – tap to load").count(), 0);
  assert.deepEqual((await page.evaluate(() => caches.keys())).filter((name) => name.startsWith("till-")), ["till-another"]);
});

/** The server behind another address, where a release of the app can be made. */
async function fronted(t) {
  let released = false;
  const front = createServer(async (request, response) => {
    const body = ["GET", "HEAD"].includes(request.method) ? undefined : Readable.toWeb(request);
    const { host, connection, origin, "content-length": length, "if-none-match": kept, ...headers } = request.headers;
    const answer = await fetch(demo.base_url + request.url, { method: request.method, headers, body, duplex: "half" });
    let text = Buffer.from(await answer.arrayBuffer());
    if (released && request.url === "/till/worker.js") text = Buffer.from(text.toString().replace(/version = "\w+"/, 'version = "another"'));
    const told = [...answer.headers].filter(([name]) => !["content-length", "content-encoding", "transfer-encoding", "connection"].includes(name));
    response.writeHead(answer.status, Object.fromEntries(told)).end(text);
  });
  await new Promise((resolve) => front.listen(0, "127.0.0.1", resolve));
  t.after(() => front.close().closeAllConnections());
  return { url: `http://127.0.0.1:${front.address().port}`, release: () => { released = true; } };
}

test("a code that pairs nothing", async (t) => {
  const page = await unpaired(t);
  await page.locator("#code").fill("AAAAA-AAAAA");
  await button(page, "Pair").click();
  await page.getByText("mistyped, used or too old").waitFor();
});
