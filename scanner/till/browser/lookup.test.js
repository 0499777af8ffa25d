// Customers with nothing to show, and names.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { api, demo, start, stop } from "../../../passes/web/browser/site.js";
import { balance, button, codeOf, newCard, newMember, on, opened, paired, show, typePIN } from "./desk.js";

before(start);
after(stop);

/** Looks somebody up, with a PIN. */
async function lookUp(page, way, text, pin) {
  if (await page.locator("body").getAttribute("data-screen") !== "lookup") await button(page, "No card with them?").click();
  await on(page, "lookup");
  await button(page, way).click();
  await page.locator("#sought").fill(text);
  await button(page, "Find").click();
  if (pin) await typePIN(page, pin);
}

test("a phone number as people say it, a stamp, and a reward that takes a manager", async () => {
  const page = await opened();
  const member = await newMember();
  const card = await member.card();
  await api("POST", `/v1/scans`, { credential: await codeOf(card), channel: "camera", earn: { units: 10 } }, demo.till_token);
  await lookUp(page, "Phone", member.local.replace(/(...)(...)/, "$1 $2 "), demo.cashier_pin);
  await on(page, "card");
  assert.match(await page.locator("#whose").innerText(), new RegExp(card.slice(-4), "i"), "to a cashier it says no name");
  await button(page, "+1 stamp").click();
  await on(page, "done");
  assert.equal(await balance(card), 1);
  const { entries } = await api("GET", `/v1/cards/${card}/entries?limit=1`);
  assert.equal(entries[0].method, "manual");

  await button(page, "Next customer").click();
  await lookUp(page, "E-mail", member.email.toUpperCase(), demo.manager_pin);
  await on(page, "card");
  assert.equal(await page.locator("#whose").innerText(), "Małgorzata");
  await page.locator(".rewards li button:not(.hold)").click();
  await button(page, "Yes, hand it out").click();
  await page.getByRole("heading", { name: "A manager's PIN, please" }).waitFor();
  await typePIN(page, demo.cashier_pin);
  await page.locator(".wrong:not(:empty)").waitFor();
  await typePIN(page, demo.manager_pin);
  await on(page, "done");
  assert.equal((await api("GET", `/v1/cards/${card}`)).vouchers.length, 0);
  assert.deepEqual(page.complaints, []);
});

test("several cards, a card's number, nobody, and what is none", async () => {
  const page = await opened();
  const member = await newMember();
  const [, cafe] = [await member.card(), await member.card("cafe")];
  await lookUp(page, "Phone", `+48 ${member.local}`, demo.cashier_pin);
  await on(page, "matches");
  await page.locator(".people button", { hasText: "Café" }).click();
  await on(page, "card");
  assert.match(await page.locator(".program").innerText(), /Café/);
  await button(page, "Close").click();

  await lookUp(page, "Card number", cafe.replace("card_", "").replace(/(.{4})/g, "$1 "), demo.cashier_pin);
  await on(page, "card");
  await button(page, "Close").click();

  await lookUp(page, "E-mail", "nobody@mail.example", demo.cashier_pin);
  await page.getByText("No card was found").waitFor();
  await lookUp(page, "Card number", "7F3K");
  await page.getByText("has 26 letters and digits").waitFor();
  await lookUp(page, "Phone", "12");
  await page.getByText("This is no telephone number").waitFor();
  await lookUp(page, "Phone", "");
  await page.getByText("This is no telephone number").waitFor();
  await lookUp(page, "Phone", member.local, "9999");
  await page.getByText("The PIN is wrong").waitFor();
  assert.equal(await page.evaluate((texts) => texts.some((text) => JSON.stringify({ ...localStorage }).includes(text)), [member.local, member.email, demo.cashier_pin]), false, "it is kept on the device");
});

test("the country of numbers without + is the shop's, and another can be chosen", async (t) => {
  const page = await paired(t, { locale: "en-GB" });
  await button(page, "No card with them?").click();
  assert.equal(await page.locator("#region").inputValue(), "PL");
  await page.locator("#region").selectOption("RO");
  await button(page, "E-mail").click();
  await button(page, "Phone").click();
  assert.equal(await page.locator("#region").inputValue(), "RO");
  assert.deepEqual(await page.locator("#sought").evaluate((field) => [field.type, field.inputMode]), ["tel", "tel"]);
});

test("too many look-ups, and no network", async (t) => {
  const page = await paired(t);
  const retry_at = new Date(Date.now() + 40 * 60_000).toISOString();
  await page.route("**/v1/scans/lookup", (route) => route.fulfill({
    status: 429, contentType: "application/problem+json", body: JSON.stringify({ code: "rate_limited", title: "Too many requests", detail: "Too many.", status: 429, retry_at }),
  }));
  await lookUp(page, "E-mail", "anna@mail.example", demo.cashier_pin);
  await on(page, "refused");
  assert.match(await page.locator(".why").innerText(), /looked up here.* Try again in (40|39)\smin/);
  await button(page, "Next customer").click();
  await page.unroute("**/v1/scans/lookup");
  await page.route("**/v1/**", (route) => route.abort());
  await lookUp(page, "E-mail", "anna@mail.example", demo.cashier_pin);
  await page.getByText("Nobody can be found without it").waitFor();
});

test("a card that is scanned while somebody types is the next customer's", async () => {
  const page = await opened();
  await button(page, "No card with them?").click();
  await page.locator("#sought").focus();
  await show(page, await codeOf(await newCard()));
});

test("names: after a scan, on the green screen, and nowhere on the device", async () => {
  const page = await opened();
  const member = await newMember("Zofia Anna Nowak");
  const card = await member.card();
  await show(page, await codeOf(card));
  assert.equal(await page.locator("#whose").innerText(), "Zofia");
  let kept = "";
  await page.route("**/v1/scans/earn", async (route) => {
    kept = await page.evaluate(() => JSON.stringify({ ...localStorage }));
    await route.continue();
  });
  await button(page, "+1 stamp").click();
  await on(page, "done");
  assert.equal(await page.locator(".who").innerText(), "Zofia");
  assert.match(kept, /scans\/earn/);
  assert.doesNotMatch(kept, /Zofia/);
  await api("DELETE", `/v1/cards/${card}/member`);
  await show(page, await codeOf(card));
  assert.match(await page.locator("#whose").innerText(), /^Card …/);
});

test("the demo is for trying out, and says so everywhere", async () => {
  const page = await opened();
  await page.getByText("Test mode").waitFor();
  await show(page, await codeOf(await newCard()));
  await page.getByText("Test mode").waitFor();
});
