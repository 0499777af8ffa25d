// A reward is held while the customer decides: other tills see it, and after a minute
// it is free again.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { api, demo, start, stop } from "../../../passes/web/browser/site.js";
import { codeOf, first, fullCard, look, looker, on, paired, reload, screens, show } from "./desk.js";

let minute;
before(async () => {
  await start();
  minute = await aMinute();
});
after(stop);

/** A reward that one till holds and another one sees, from now on: its minute runs while everything else is tested. */
async function aMinute() {
  const file = { after() {} }; // which ends with the browser
  const { card } = await fullCard();
  const page = await paired(file, screens.tall), other = await paired(file, screens.tall);
  await show(page, await codeOf(card));
  await page.locator(".hold").click();
  await held(page, "here");
  await show(other, await codeOf(card));
  await held(other, "somewhere");
  await reload(page);
  await show(page, await codeOf(card));
  await held(page, "here"); // a page that is loaded anew knows its own
  return { card, page, other };
}

const state = async (card) => (await api("GET", `/v1/cards/${card}`)).vouchers[0]?.state;
const held = (page, where) => page.locator(`.hold[data-held="${where}"]`).waitFor();

const says = { en: /^Held at another till for \d+\ss$/, pl: /^Odłożona przy innej kasie jeszcze przez \d+\ss$/, ro: /^Reținută la altă casă încă \d+\ss$/ };

for (const [locale, ...looks] of [
  ["en", ["tall", "light"], ["wide", "light"]], ["pl", ["wide", "dark"], ["tablet", "light"]], ["ro", ["phone", "dark"]],
]) {
  test(`held, seen at another till, let go, held again and handed out: ${locale}`, async (t) => {
    const { card } = await fullCard();
    const page = await paired(t, { ...first(looks), locale });
    const other = await paired(t, { ...first(looks), locale });
    const [seen, otherSeen] = [page, other].map((one) => looker(one, looks, (size, colorScheme, name) => `hold-${size}-${colorScheme}-${locale}-${name}`));
    const use = other.locator(".rewards li > button:first-child");
    await show(page, await codeOf(card));
    await show(other, await codeOf(card));
    await seen("01-free");
    await page.locator(".hold").click();
    await held(page, "here");
    assert.match(await page.locator(".held b").innerText(), /^[1-6]?\d\s?s$/);
    assert.equal(await state(card), "reserved");
    await seen("02-held");

    await use.click(); // it was free when the card was scanned
    await on(other, "redeem");
    await other.locator("#screen button.main").click();
    await on(other, "refused");
    assert.equal(await other.locator(".answer").getAttribute("data-code"), "reward_reserved");
    await otherSeen("03-not-here");
    await other.locator(".answer button.main").click();
    await on(other, "card");
    await held(other, "somewhere");
    assert.equal(await use.isDisabled(), true, "what would be refused can be pressed");
    await show(other, await codeOf(card));
    await held(other, "somewhere");
    assert.equal(await use.isDisabled(), true, "what would be refused can be pressed");
    assert.match(await other.locator(".held").innerText(), says[locale]);
    await otherSeen("04-elsewhere");
    await other.locator(".hold").click();
    await other.locator(".held .wrong:not(:empty)").waitFor();
    await otherSeen("05-refused");

    await page.locator(".hold").click();
    await held(page, "no");
    assert.equal(await state(card), "issued");
    await seen("06-let-go");
    await other.locator(".hold").click();
    await held(other, "here");
    assert.equal(await use.isDisabled(), false);
    await other.locator(".hold").click();
    await held(other, "no");
    await page.locator(".hold").click();
    await held(page, "here");
    await page.locator(".rewards li button").first().click();
    await on(page, "redeem");
    await page.locator("#screen button.main").click();
    await on(page, "done");
    assert.equal(await state(card), undefined);
    assert.deepEqual([...page.complaints, ...other.complaints], []);
  });
}

test("an answer that is lost is asked for again with the same key", async (t) => {
  const { card } = await fullCard();
  const page = await paired(t, screens.tall);
  await show(page, await codeOf(card));
  const keys = [];
  let lose = true;
  await page.route("**/v1/scans/reserve", async (route) => {
    keys.push(route.request().headers()["idempotency-key"]);
    if (!lose) return route.continue();
    await route.fetch();
    return route.abort();
  });
  await page.locator(".hold").click();
  await page.locator(".held .wrong", { hasText: "Press again" }).waitFor();
  await look(page, "hold-unanswered");
  assert.equal(await state(card), "reserved");
  lose = false;
  await page.locator(".hold").click();
  await held(page, "here");
  assert.equal(new Set(keys).size, 1);
  assert.equal(keys.length, 2);
});

test("what points pay is not held, and a keyboard is enough", async (t) => {
  const { card } = await fullCard();
  const points = (await api("POST", "/v1/cards", { program: demo.programs.pharmacy })).id;
  await api("POST", `/v1/cards/${points}/adjustments`, { units: 400 });
  const page = await paired(t, screens.tall);
  await show(page, await codeOf(points));
  await page.locator(".rewards li button").first().waitFor();
  assert.equal(await page.locator(".hold").count(), 0);
  await show(page, await codeOf(card));
  await page.getByRole("button", { name: /^Hold: / }).focus();
  await page.keyboard.press("Space");
  await page.getByRole("button", { name: /^Let go: / }).waitFor();
  await page.keyboard.press("Space"); // it is still where the keys go
  await page.getByText("Let go: any till can hand it out.").waitFor();
});

test("the minute runs out: it is said, and the other till hands it out", async () => {
  const { card, page, other } = minute;
  for (const one of [page, other]) {
    await one.getByText("The minute is over: any till can hand it out.").waitFor({ timeout: 90_000 });
    await held(one, "no");
  }
  await look(page, "hold-over");
  assert.equal(await state(card), "issued");
  await other.locator(".rewards li button").first().click();
  await other.locator("#screen button.main").click();
  await on(other, "done");
  await page.locator(".hold").click();
  await page.locator(".held .wrong", { hasText: "This reward was already used" }).waitFor();
});
