// Every screen without network, as cashiers meet it. With SCREENSHOTS=folder all can be
// looked at.
import { after, before, test } from "node:test";

import { api, crash, demo, restart, start, stop } from "../../../passes/web/browser/site.js";
import { codeOf, first, fullCard, gun, looker, on, paired, prepared, statementOf, stillCodeOf } from "./desk.js";

before(start);
after(stop);

for (const [locale, ...looks] of [["pl", ["phone", "light"], ["desk", "dark"]], ["ro", ["phone", "dark"]], ["en", ["landscape", "light"]]]) {
  test(`screens without network: ${locale}`, async (t) => {
    const page = await paired(t, { ...first(looks), locale });
    await prepared(page);
    const seen = looker(page, looks, (size, colorScheme, name) => `${size}-${colorScheme}-${locale}-offline-${name}`);
    const { card, voucher } = await fullCard();
    const [live, used, still, statement] = [await codeOf(card), await codeOf(card), await stillCodeOf(card), await statementOf(card, voucher)];
    await api("POST", "/v1/scans", { credential: used, earn: { units: 1 } }, demo.till_token);
    const choose = (n) => page.locator(".rewards li button").nth(n).click();
    await crash();
    await gun(page, live);
    await on(page, "card");
    await seen("01-which");
    await choose(0);
    await seen("02-card");
    await page.locator(".units button.main").click();
    await on(page, "done");
    await seen("03-kept");
    await gun(page, live);
    await on(page, "card");
    await seen("04-earned");
    await page.locator(".actions button", { has: page.locator(".icon") }).click();
    await on(page, "voucher");
    await seen("05-voucher");
    await gun(page, statement);
    await on(page, "redeem");
    await seen("06-redeem");
    await page.locator("button.main").click();
    await on(page, "done");
    await seen("07-handed-out");
    await gun(page, live);
    await on(page, "refused");
    await seen("08-used");
    await gun(page, still);
    await on(page, "card");
    await choose(4);
    for (const key of "1250") await page.locator(".keys").getByRole("button", { name: key, exact: true }).click();
    await seen("09-amount");
    await page.locator(".spend button.main").click(); // of another program: the server will not credit it
    await on(page, "done");
    await gun(page, used);
    await on(page, "card");
    await choose(0);
    await page.locator(".units button.main").click();
    await on(page, "done");
    await page.locator("button.main").click();
    await on(page, "scan");
    await seen("10-scan");
    await page.locator("button.line").click();
    await on(page, "waiting");
    await seen("11-waiting");
    await page.locator(".buttons button").last().click();
    await page.locator("#top .round").click();
    await on(page, "menu");
    await page.locator("#screen button").nth(-2).click();
    await page.locator("button.danger").waitFor();
    await seen("12-leave");
    await page.locator("button.main").click();
    await restart();
    await page.locator("button.line.late").waitFor({ timeout: 30_000 });
    await seen("13-sent");
    await page.locator("button.line.late").click();
    await on(page, "waiting");
    await seen("14-contested");
  });
}
