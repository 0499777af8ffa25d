// Every screen as cashiers meet it: on a phone, a tablet and a desk, by day and by
// night, in three languages. With SCREENSHOTS=folder all can be looked at.
import { after, before, test } from "node:test";

import { api, demo, start, stop } from "../../../passes/web/browser/site.js";
import { button, codeOf, first, gun, looker, newCard, newMember, on, paired, show, typePIN, unpaired } from "./desk.js";

before(start);
after(stop);

for (const [locale, ...looks] of [
  ["pl", ["phone", "light"], ["desk", "dark"]], ["ro", ["phone", "dark"], ["tablet", "light"]], ["en", ["tablet", "dark"], ["desk", "light"]],
]) {
  test(`screens: ${locale}`, async (t) => {
    const options = { ...first(looks), locale };
    const nameOf = (size, colorScheme, name) => `${size}-${colorScheme}-${name}`;

    const stranger = await unpaired(t, options);
    await stranger.locator("#code").fill("7KQ");
    await stranger.locator("button.main").click();
    await stranger.locator("#wrong").waitFor();
    await looker(stranger, looks, nameOf)("01-pair");

    const page = await paired(t, options);
    const seen = looker(page, looks, nameOf);
    await page.locator(".gun").waitFor();
    await seen("02-scan");
    await page.locator("#top .round").click();
    await seen("03-menu");
    await page.locator("button.main").click();

    const card = await newCard();
    await show(page, await codeOf(card));
    await seen("04-card-empty");
    for (let i = 0; i < 6; i++) await page.locator(".step").last().click();
    await seen("05-card-seven");
    const used = await codeOf(card);
    await page.locator(".actions .quiet").click();
    await show(page, used);
    await page.locator(".units button.main").click();
    await on(page, "done");
    await seen("06-done");
    await show(page, used);
    await seen("07-card-used");
    await gun(page, "WIFI:S:guests;T:WPA;P:secret;;");
    await on(page, "refused");
    await seen("07-refused");
    await show(page, await codeOf(card));
    for (let i = 0; i < 8; i++) await page.locator(".step").last().click();
    await page.locator(".units button.main").click();
    await on(page, "done");
    await seen("08-done-reward");
    await page.locator(".buttons button.main").first().click();
    await on(page, "card");
    await seen("09-card-reward");
    await page.locator(".rewards li button").first().click();
    await on(page, "redeem");
    await seen("10-redeem");
    await page.locator("button.main").click();
    await on(page, "done");
    await seen("11-redeemed");
    await page.locator(".buttons button.main").click();
    await on(page, "scan");
    await seen("12-scan-undo");

    await show(page, await codeOf(await newCard("supermarket")));
    for (const key of "1250") await page.locator(".keys").getByRole("button", { name: key, exact: true }).click();
    await seen("13-amount");
    await page.locator(".spend button.main").click();
    await on(page, "done");
    await seen("14-points");
    await show(page, await codeOf(await newCard("cafe")));
    await seen("15-cafe");

    await page.locator(".actions .quiet").click();

    const member = await newMember();
    const named = await member.card();
    await show(page, await codeOf(named));
    await seen("21-card-named");
    await page.locator(".units button.main").click();
    await on(page, "done");
    await seen("22-done-named");
    await page.locator(".buttons button.main").click();
    await page.locator(".ways button").last().click();
    await on(page, "lookup");
    await seen("23-lookup");
    await page.locator(".choices button").nth(2).click();
    await page.locator("#sought").fill("7F3K");
    await page.locator("button.main").click();
    await page.locator("#wrong").waitFor();
    await seen("24-lookup-wrong");
    await page.locator(".choices button").nth(1).click();
    await page.locator("#sought").fill("nobody.at.all.with.a.long.address@mail.example");
    await page.locator("button.main").click();
    await on(page, "pin");
    await seen("25-lookup-pin");
    await typePIN(page, demo.cashier_pin);
    await page.locator(".notice").waitFor();
    await seen("26-lookup-nobody");
    await member.card("cafe");
    await member.card("supermarket");
    await page.locator("#sought").fill(member.email);
    await page.locator("button.main").click();
    await typePIN(page, demo.manager_pin);
    await on(page, "matches");
    await seen("27-matches");
    await page.locator(".people button").last().click();
    await on(page, "card");
    await seen("28-card-manual");
    await page.locator(".actions .quiet").click();
    await gun(page, "WIFI:T:WPA;S:Cafe;P:secret;;");
    await on(page, "refused");
    await seen("29-foreign");
    await page.locator("button.main").click();
    await page.locator("#top .round").click();
    await page.locator(".sheet button", { hasText: /readers|czytniki|cititoarele/ }).click();
    await on(page, "reading");
    await seen("30-reading");
    await page.locator("button.main").click();

    await page.locator("#top .chip").click();
    await on(page, "staff");
    await seen("16-staff");
    await page.locator(".people button", { hasText: "Anna" }).click();
    await typePIN(page, demo.manager_pin);
    await page.locator(".wrong:not(:empty)").waitFor();
    await seen("17-pin-wrong");
    await typePIN(page, demo.cashier_pin);
    await on(page, "scan");
    await page.locator("#top .chip").click();
    await page.locator("button", { has: page.locator(".icon") }).filter({ hasText: /Lock|Zablokuj|Blochează/ }).click();
    await seen("18-locked");
    await page.locator(".people button", { hasText: "Anna" }).click();
    await typePIN(page, demo.cashier_pin);
    await on(page, "scan");

    await page.context().setOffline(true);
    await page.locator(".offline").waitFor();
    await seen("19-offline");
    await page.context().setOffline(false);
    await api("POST", `/v1/tills/${page.till.id}/revoke`, {});
    await page.reload();
    await on(page, "pair");
    await seen("20-revoked");
  });
}
