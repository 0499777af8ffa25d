// What comes of a reward at the till: each kind in its own words, points as money, what
// was paid credited, the way to the next tier, and long catalogues. With
// SCREENSHOTS=folder every screen can be looked at.
import assert from "node:assert/strict";
import { join } from "node:path";
import { after, before, test } from "node:test";

import { api, demo, kept, open, pictures, start, stop } from "../../../passes/web/browser/site.js";
import { balance, button, codeOf, first, gun, look, looker, on, opened, screens, show } from "./desk.js";
import { cardWith, market, washed } from "./market.js";

before(start);
after(stop);

const languages = [["en", ["tall", "light"]], ["pl", ["wide", "dark"]], ["ro", ["tablet", "light"], ["phone", "dark"]]];

const type = async (page, keys) => {
  for (const key of keys) await page.locator(".keys").getByRole("button", { name: key, exact: true }).click();
};
const main = (page) => page.locator("#screen button.main").first();
const plain = (text) => text.replace(/\s/g, " ");
const said = async (page, selector) => plain(await page.locator(selector).first().innerText());
const choose = (page, reward) => page.locator(".rewards li button", { hasText: reward }).click();

/** Holds that whatever ends a card can be pressed, at once or scrolled to, and that nothing empty can be scrolled to. */
async function reachable(page) {
  const over = await page.locator(".ends button").evaluateAll((all) => all.flatMap((one) => ["nearest", "end"].map((block) => {
    one.scrollIntoView({ block });
    const { left, top, width, height } = one.getBoundingClientRect();
    const there = document.elementFromPoint(left + width / 2, top + height / 2);
    return one.contains(there) ? "" : `${there?.className} lies over ${one.textContent}`;
  })).filter(Boolean));
  assert.deepEqual(over, []);
  const empty = await page.locator("#screen").evaluate((screen) => {
    screen.scrollTop = screen.scrollHeight;
    if (screen.scrollTop === 0) return 0;
    return screen.getBoundingClientRect().bottom - Math.max(...[...screen.querySelectorAll(".ends, .rewards")].map((part) => part.getBoundingClientRect().bottom));
  });
  assert.ok(empty < 40, `${empty} px of nothing can be scrolled to`);
}

/** What the card's own page says happened last. */
async function pageOf(t, card, locale) {
  const { token } = await api("POST", `/v1/cards/${card}/devices`, {});
  const phone = await open(t, { locale });
  await phone.goto(`${demo.base_url}/card/${token}?lang=${locale}`);
  return phone;
}
const latest = async (phone) => plain(await phone.locator("#state").getAttribute("data-change"));

const gifts = {
  en: { ask: "Put this gift card on the card?", yes: "Yes, put it on the card", done: "Gift card added", told: /now carries a gift card of €20\.00.*used in parts/, page: /carries a gift card of €20, to be used in parts/ },
  pl: { ask: "Dodać tę kartę podarunkową?", yes: "Tak, dodaj do karty", done: "Karta podarunkowa dodana", told: /karta podarunkowa: 20,00 €.*po części/, page: /karta podarunkowa: 20 €, do użycia po części/ },
  ro: { ask: "Adaugi acest card cadou pe card?", yes: "Da, îl adaug pe card", done: "Card cadou adăugat", told: /card cadou de 20,00 EUR.*pe părți/, page: /card cadou de 20 €, pe care îl poți folosi pe părți/ },
};

for (const [locale, ...looks] of languages) {
  test(`a gift card for points: ${locale}`, async (t) => {
    const says = gifts[locale], card = await cardWith(await market(), 450);
    const page = await opened({ ...first(looks), locale });
    const seen = looker(page, looks, (size, colorScheme, name) => `rewards-${size}-${colorScheme}-${locale}-${name}`);
    await show(page, await codeOf(card));
    await choose(page, "Gift card over 20 euro");
    assert.equal(await said(page, "h1"), says.ask);
    await seen("gift-1-ask");
    await button(page, says.yes).click();
    await on(page, "done");
    assert.equal(await said(page, "h1"), says.done);
    assert.match(await said(page, ".explained"), says.told);
    await seen("gift-2-added");
    const [voucher] = (await api("GET", `/v1/cards/${card}`)).vouchers;
    assert.equal(voucher.left, 2000);
    assert.match(await latest(await pageOf(t, card, locale)), says.page);

    // It pays in parts: never more than is on it, and what was paid besides is credited.
    await show(page, await codeOf(card));
    await page.locator(".rewards li button").first().click();
    await on(page, "worth");
    await type(page, "2500");
    assert.match(await said(page, ".amount"), /20[.,]00/);
    await page.locator(".small.wrong").waitFor();
    await seen("gift-3-capped");
    for (const key of "750") { for (let i = 0; i < 4 && key === "7"; i++) await page.locator(".keys .quiet").click(); await type(page, key); }
    await main(page).click();
    await on(page, "done");
    assert.match(await said(page, "h1"), /7[.,]50/);
    assert.match(await said(page, ".what"), /12[.,]50/);
    await seen("gift-4-used");
    const had = await balance(card);
    await main(page).click();
    await on(page, "worth");
    await type(page, "700");
    assert.equal(await main(page).isDisabled(), true, "less than the gift card has paid can be credited");
    await type(page, "0");
    assert.match(await said(page, ".small"), /62[.,]50/);
    await seen("gift-5-rest");
    await main(page).click();
    await on(page, "done");
    assert.equal(await balance(card), had + 62);
    assert.deepEqual(page.complaints, []);
  });
}

const money = {
  en: { bills: "Bill €40.00", from: "from 50 points", least: "At least €5.00, for 50 points", bill: /at least €5\.00/, button: "Take €12.34 off", cost: "124 of 250 points", points: /At most €25\.00: the points/, reward: /At most €30\.00: this reward/, all: "All of it: €25.00", off: "Take €25.00 off the bill", pay: "€15.00 to pay", credit: "Credit the €15.00 paid" },
  pl: { bills: "Rachunek 40,00 €", from: "od 50 punktów", least: "Co najmniej 5,00 €, za 50 punktów", bill: /co najmniej 5,00 €/, button: "Odejmij 12,34 €", cost: "124 z 250 punktów", points: /Najwyżej 25,00 €: tyle są warte punkty/, reward: /Najwyżej 30,00 €: więcej/, all: "Całość: 25,00 €", off: "Odejmij 25,00 € od rachunku", pay: "Do zapłaty: 15,00 €", credit: "Nalicz za zapłacone 15,00 €" },
  ro: { bills: "Bon 40,00 EUR", from: "de la 50 de puncte", least: "Cel puțin 5,00 EUR, pentru 50 de puncte", bill: /cel puțin 5,00 EUR/, button: "Scade 12,34 EUR", cost: "124 din 250 puncte", points: /Cel mult 25,00 EUR: punctele/, reward: /Cel mult 30,00 EUR: recompensa/, all: "Tot: 25,00 EUR", off: "Scade 25,00 EUR din bon", pay: "De plată: 15,00 EUR", credit: "Creditează 15,00 EUR plătiți" },
};

for (const [locale, ...looks] of languages) {
  test(`points as money: ${locale}`, async () => {
    const says = money[locale], card = await cardWith(await market(), 250);
    const page = await opened({ ...first(looks), locale });
    const seen = looker(page, looks, (size, colorScheme, name) => `rewards-${size}-${colorScheme}-${locale}-${name}`);
    const erase = async (times) => { for (let i = 0; i < times; i++) await page.locator(".keys .quiet").click(); };
    await show(page, await codeOf(card));
    assert.equal(plain(await page.locator(".rewards li button", { hasText: "Points as money" }).locator("span").innerText()), says.from);
    await choose(page, "Points as money");
    await on(page, "worth");
    await type(page, "499");
    assert.equal(await main(page).isDisabled(), true);
    assert.match(await said(page, ".small"), says.bill);
    await seen("points-1-bill");
    await erase(3);
    await type(page, "4000");
    await main(page).click();
    await page.locator(".rule").first().waitFor();
    assert.equal(await said(page, ".percent.money"), says.bills);
    assert.equal(plain(await page.locator(".rule").first().innerText()), says.least);
    assert.match(plain(await page.locator(".rule").nth(1).innerText()), says.points);
    assert.equal(plain(await main(page).innerText()), says.all);
    await seen("points-2-all");
    await type(page, "499");
    assert.equal(await main(page).isDisabled(), true);
    await erase(3);
    await type(page, "1234");
    assert.equal(plain(await main(page).innerText()), says.button);
    assert.equal(await said(page, ".small"), says.cost);
    await seen("points-3-typed");
    await type(page, "5");
    assert.match(await said(page, ".small.wrong"), says.points);
    assert.match(await said(page, ".amount"), /25[.,]00/);
    await seen("points-4-capped");
    await erase(4);
    await main(page).click();
    await on(page, "done");
    assert.equal(await said(page, "h1"), says.off);
    assert.equal(await said(page, ".what"), says.pay);
    assert.equal(plain(await main(page).innerText()), says.credit);
    assert.equal(await balance(card), 0);
    await seen("points-5-off");
    await main(page).click();
    await on(page, "done");
    assert.equal(await balance(card), 15);

    // The bill and the reward itself are limits, too.
    const rich = await cardWith(await market(), 5000);
    await show(page, await codeOf(rich));
    await choose(page, "Points as money");
    await type(page, "9900");
    await main(page).click();
    await page.locator(".rule").first().waitFor();
    assert.match(plain(await page.locator(".rule").nth(1).innerText()), says.reward);
    assert.deepEqual(page.complaints, []);
  });
}

for (const [locale, ...looks] of languages) {
  test(`a long catalogue, and the way to the next tier: ${locale}`, async (t) => {
    const card = await cardWith(await market(), 620);
    await api("POST", "/v1/scans", { credential: await codeOf(card), earn: { purchase: { ref: `long ${card}`, total: 16_800, currency: "EUR" } } }, demo.till_token);
    const page = await opened({ ...first(looks), locale });
    const seen = looker(page, looks, (size, colorScheme, name) => `rewards-${size}-${colorScheme}-${locale}-${name}`);
    await show(page, await codeOf(card));
    assert.equal(await page.locator(".rewards li").count(), 13);
    assert.match(plain(await page.locator(".nearing").innerText()), { en: /^€32\.00 more to Silver$/, pl: /^Jeszcze 32,00 € do: Silver$/, ro: /^Încă 32,00 EUR până la Silver$/ }[locale]);
    await seen("long-1-card", async (size) => {
      const [left, right] = await page.locator(".rewards li button").evaluateAll((all) => all.slice(0, 2).map((one) => one.getBoundingClientRect().top));
      await reachable(page);
      if (size === "wide") {
        const gap = await page.evaluate(() => document.querySelector(".ends").getBoundingClientRect().top - document.querySelector(".spend").getBoundingClientRect().bottom);
        assert.ok(Math.abs(gap - 16) < 1, `"Close" is ${gap} px below the keys`);
      }
      await page.locator("#screen").evaluate((screen) => { screen.scrollTop = 0; });
      const columns = { tall: false, phone: false, wide: true, tablet: true }[size];
      assert.equal(left === right, columns);
      if (columns) return;
      const jump = page.locator(".jump");
      assert.match(await jump.getAttribute("aria-label"), { en: /^13 rewards ready$/, ro: /^13 recompense gata$/ }[locale]);
      await jump.press("Space"); // an Enter so soon after a gun is the gun's
      await page.locator(".rewards li:first-child button:focus").waitFor();
      if (kept) await page.screenshot({ path: join(pictures, `till-rewards-${size}-${locale}-long-2-list.png`) });
    });
    assert.match(plain(await (await pageOf(t, card, locale)).locator(".tier-next").innerText()), /32.*Silver/);
    assert.deepEqual(page.complaints, []);
  });
}

test("what was paid is credited after money off, with stamps as with points", async () => {
  const card = await washed({ name: "20 % off", kind: "percent_off", rate: 2000, rounding: "down", currency: "EUR" });
  const page = await opened(screens.tall);
  await show(page, await codeOf(card));
  await choose(page, "20 % off");
  await type(page, "5000");
  await main(page).click();
  await on(page, "done");
  assert.equal(await said(page, "h1"), "Take €10.00 off the bill");
  assert.equal(await main(page).innerText(), "Credit the €40.00 paid");
  await main(page).click();
  await page.getByRole("heading", { name: "Added" }).waitFor();
  assert.equal(await balance(card), 4, "the part that the reward paid has earned, too");
  const { id } = (await api("GET", `/v1/cards/${card}/entries`)).entries.find((entry) => entry.kind === "earn");
  assert.equal((await api("GET", `/v1/entries/${id}`)).detail.purchase.paid_with_reward, 1000);

  // Of a reward for some articles only their price is known: the whole bill is asked for.
  const shopper = await cardWith(await market(), 200);
  await show(page, await codeOf(shopper));
  await choose(page, "2 euro off the bread");
  await type(page, "350");
  await main(page).click();
  await on(page, "done");
  assert.equal(await said(page, "h1"), "Take €2.00 off the bill");
  assert.equal(await said(page, ".what"), "2 euro off the bread", "what is left to pay is told of a part of the bill");
  await button(page, "Credit what was paid").click();
  await page.getByText("Type the whole bill. €2.00 of it was paid with the reward.").waitFor();
  await type(page, "3050");
  await main(page).click();
  await page.getByRole("heading", { name: "Added" }).waitFor();
  assert.equal(await balance(shopper), 180 + 28);
  assert.deepEqual(page.complaints, []);
});

test("what was paid is credited after a tier's discount, and what was bought after a thing was handed out", async () => {
  const card = await cardWith(await market(), 100);
  await api("POST", "/v1/scans", { credential: await codeOf(card), earn: { purchase: { ref: `first ${card}`, total: 20_000, currency: "EUR" } } }, demo.till_token);
  const page = await opened(screens.wide);
  await show(page, await codeOf(card));
  await button(page, "Take 3% off").click();
  await type(page, "10000");
  await main(page).click();
  await on(page, "done");
  assert.equal(await said(page, ".what"), "€3.00 off, €97.00 to pay");
  await button(page, "Credit the €97.00 paid").click();
  await page.getByRole("heading", { name: "Added" }).waitFor();
  assert.equal(await balance(card), 100 + 200 + Math.floor(97 * 1.25));

  await show(page, await codeOf(card));
  await choose(page, "A shopping bag");
  await button(page, "Yes, hand it out").click();
  await page.getByRole("heading", { name: "Hand it out now" }).waitFor();
  await button(page, "Add what was bought").click();
  await look(page, "rewards-wide-more");
  await type(page, "800");
  await main(page).click();
  await page.getByRole("heading", { name: "Added" }).waitFor();
  assert.equal(await button(page, "Go on with this card").count(), 0, "a scan that has redeemed is offered rewards");
  assert.equal(await balance(card), 100 + 200 + 121 - 20 + 10);
  assert.deepEqual(page.complaints, []);
});

test("a scan that has earned, and a bill that a reward has paid, are not credited once more", async () => {
  const card = await cardWith(await market(["5 euro off"]), 300);
  const page = await opened(screens.tall);
  await show(page, await codeOf(card));
  await type(page, "1000");
  await main(page).click();
  await on(page, "done");
  await button(page, "Go on with this card").click();
  await choose(page, "5 euro off");
  await type(page, "2000");
  await main(page).click();
  await page.getByRole("heading", { name: "Take €5.00 off the bill" }).waitFor();
  assert.equal(await page.getByRole("button", { name: /Credit|Add/ }).count(), 0);
  await show(page, await codeOf(card));
  await choose(page, "5 euro off");
  await type(page, "400");
  await main(page).click();
  await page.getByRole("heading", { name: "Take €4.00 off the bill" }).waitFor();
  assert.equal(await page.getByRole("button", { name: /Credit/ }).count(), 0);
  assert.deepEqual(page.complaints, []);
});

for (const [size, colorScheme, locale] of [["tall", "light", "en"], ["wide", "dark", "pl"], ["phone", "light", "ro"]]) {
  test(`after the credit the reward can be taken back, too: ${size}, ${colorScheme}, ${locale}`, async () => {
    const card = await cardWith(await market(["5 euro off"]), 100);
    const page = await opened({ ...screens[size], colorScheme, locale });
    const back = { en: /^Undo this too: €5\.00 off/, pl: /^Cofnij też: .*5,00/, ro: /^Anulează și: .*5,00/ }[locale];
    const undo = () => page.getByRole("button", { name: { en: "Undo", pl: "Cofnij", ro: "Anulează" }[locale] });
    const booked = async (press, points) => {
      await Promise.all([page.waitForResponse((answer) => /\/(earn|redeem|void)$/.test(new URL(answer.url()).pathname)), press.click()]);
      await on(page, "done");
      assert.equal(await balance(card), points);
    };
    await show(page, await codeOf(card));
    await choose(page, "5 euro off");
    await type(page, "2000");
    await booked(main(page), 50);
    await booked(main(page), 65);
    await booked(undo(), 50);
    await page.getByRole("button", { name: back }).waitFor();
    await look(page, `rewards-undo-${size}-${colorScheme}-${locale}`);
    await on(page, "scan"); // where it stands, too, once that has left by itself
    assert.match(plain(await page.locator(".last").innerText()), /5[.,]00/);
    await booked(undo(), 100);
    assert.match(await said(page, ".what"), /^5 euro off: .?5[.,]00( .+)?$/, "more than what was taken back");
    assert.doesNotMatch(await said(page, "#screen"), /15[.,]00/, "as if that still held");
    await page.getByText({ en: "For another try, scan the card again.", pl: "Aby spróbować jeszcze raz, zeskanuj kartę ponownie.", ro: "Pentru încă o încercare, scanează din nou cardul." }[locale]).waitFor();
    await look(page, `rewards-undone-${size}-${colorScheme}-${locale}`);
    assert.equal(await undo().count(), 0, "there is nothing more to take back");
    assert.deepEqual(page.complaints, []);
  });
}

test("after a discount and its credit, what was just earned or chosen is handed out on the same scan", async () => {
  const program = (await api("POST", "/v1/programs", { rules: {
    name: "Club", kind: "points", earn: { by: "spend", units: 1, per: 100, currency: "EUR", rounding: "down" }, welcome: 120,
    tiers: { by: "spend", currency: "EUR", over: "lifetime", rounding: "down", levels: [{ name: "Friend", from: 0, multiplier: 1000, rate: 500 }] },
    rewards: [{ name: "A bag of beans", cost: 80 }],
  } })).id;
  const card = (await api("POST", "/v1/cards", { program })).id;
  await api("PUT", `/v1/cards/${card}/choice`, { reward: (await api("GET", `/v1/programs/${program}`)).rewards[0].id });
  const page = await opened(screens.tall);
  await gun(page, await codeOf(card));
  await on(page, "wish");
  await button(page, "Something else").click();
  await button(page, "Take 5% off").click();
  await type(page, "2000");
  await main(page).click();
  await on(page, "done");
  await button(page, "Credit the €19.00 paid").click();
  await page.getByRole("heading", { name: "Added" }).waitFor();
  assert.equal(await balance(card), 139);
  await look(page, "rewards-after-discount");
  await button(page, "Go on with this card").click();
  await on(page, "wish");
  await button(page, "Yes, hand it out").click();
  await on(page, "done");
  assert.equal(await balance(card), 59);
  assert.deepEqual(page.complaints, []);
});
