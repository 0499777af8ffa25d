// A long day without network at two tills with overlaps, one with its clock an hour off,
// the other's browser killed midway, all of it sent twice: the ledger is exact in the end.
import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";

import { api, audit, crash, demo, keeping, restart, start, stop } from "../../../passes/web/browser/site.js";
import { codeOf, fullCard, newCard, newTill, on, prepared, shelf, statementOf, stillCodeOf } from "./desk.js";

before(start);
after(stop);

const cards = 20, each = 225, shared = 25; // 2 × (225 + 25) earns in all

class Tablet {
  static async paired(t, folder, off) {
    const tablet = new Tablet();
    Object.assign(tablet, { t, profile: join(folder, String(off)), off, till: await newTill() });
    const page = await tablet.open(`#${tablet.till.code}`);
    await on(page, "pair");
    await page.locator("button.main").click();
    await on(page, "scan");
    await prepared(page);
    tablet.token = JSON.parse(await page.evaluate(() => localStorage.getItem("stempel.till.token")));
    return tablet;
  }

  async open(at = "") {
    this.browser = await keeping(this.t, this.profile);
    await this.browser.context.addInitScript((off) => { const real = Date.now; Date.now = () => real() + off; }, this.off);
    this.page = await this.browser.context.newPage();
    await this.page.goto(`${demo.base_url}/till${at}`);
    return this.page;
  }

  /** Keeps items by the app's own modules, one after the other, `pause` ms apart. */
  keep(items, pause = 0) {
    return this.page.evaluate(async ({ items, pause }) => {
      const [{ Queue }, { Shelf }, { Clock }] = await Promise.all(["queue", "shelf", "clock"].map((name) => import(`/till/offline/${name}.js`)));
      const setup = JSON.parse(localStorage.getItem("stempel.till.setup"));
      const store = await Shelf.open(), queue = new Queue(store, setup.till.id), clock = new Clock();
      clock.resume(await store.read((d) => d.get("notes", "clock")));
      for (const said of items) {
        if (pause) await new Promise((resolve) => setTimeout(resolve, pause));
        await queue.keep({ captured: Math.floor(clock.now()), contact: setup.offline.contact, channel: "camera", ...said },
          { marks: [], about: { tail: "TEST", kind: "stamps", units: 1 }, place: setup.till.name });
      }
    }, { items, pause });
  }

  async safe() { return (await shelf(this.page)).items; }

  async sent() {
    for (let i = 0; i < 600; i++) {
      if ((await this.safe()).length === 0) return;
      await this.page.waitForTimeout(100);
    }
    throw new Error("not all was sent");
  }
}

const inTurn = (codes, n) => Array.from({ length: n }, (_, i) => ({ do: "earn", units: 1, credential: codes[i % codes.length] }));

test("500 earns and 5 rewards of two tills without network", async (t) => {
  const folder = await mkdtemp(join(tmpdir(), "stempel-long-day-"));
  t.after(() => rm(folder, { recursive: true, force: true, maxRetries: 5 }));
  const [a, b] = [await Tablet.paired(t, folder, 0), await Tablet.paired(t, folder, 3_600_000)];
  const all = await Promise.all(Array.from({ length: cards }, () => newCard()));
  const printed = await Promise.all(all.map(stillCodeOf));
  const full = await Promise.all(Array.from({ length: 4 }, () => fullCard()));
  const rewardOf = async ({ card, voucher }) => ({ do: "redeem", voucher, credential: await codeOf(card), statement: await statementOf(card, voucher) });
  const rewards = await Promise.all([...full, full[0]].map(rewardOf)); // the last is the first one's voucher again
  const both = (await Promise.all(Array.from({ length: shared }, (_, i) => codeOf(all[i % cards])))).map((credential) => ({ do: "earn", units: 1, credential }));
  await crash();

  const mine = [...both, ...rewards.slice(0, 3), ...inTurn(printed, each)];
  const killed = a.keep(mine, 50).then(() => false, () => true);
  while ((await a.safe()).length < 100) await a.page.waitForTimeout(20);
  await a.browser.kill();
  assert.ok(await killed, "all was kept before the browser was killed");
  await a.open();
  await a.page.getByRole("heading", { name: "No network" }).waitFor({ timeout: 30_000 });
  const kept = (await a.safe()).length;
  assert.ok(kept >= 100 && kept < mine.length, `${kept} were safe when the browser was killed`);
  await a.keep(mine.slice(kept));
  await b.keep([...both, ...rewards.slice(3), ...inTurn(printed, each)]);
  const queues = [await a.safe(), await b.safe()];
  assert.deepEqual(queues.map((items) => items.length), [mine.length, shared + 2 + each]);

  await restart();
  for (const { page } of [a, b]) await page.reload();
  await Promise.all([a.sent(), b.sent()]);
  const again = [];
  for (const [i, { token }] of [a, b].entries()) {
    for (let from = 0; from < queues[i].length; from += 100) {
      const items = queues[i].slice(from, from + 100).map((item) => item.text);
      again.push(...(await api("POST", "/v1/till/sync", { items }, token)).results);
    }
  }
  const posted = again.filter(({ state }) => state === "posted");
  const contested = again.filter(({ state }) => state === "contested");
  assert.deepEqual([again.length, posted.length, contested.length], [505, 2 * each + shared + 4, shared + 1]);
  assert.equal(new Set(posted.map(({ entry }) => entry)).size, posted.length);

  const expected = all.map((_, i) => 2 * inTurn(printed, each).filter(({ credential }) => credential === printed[i]).length + both.filter((_, n) => n % cards === i).length);
  assert.deepEqual(await Promise.all(all.map(async (card) => (await api("GET", `/v1/cards/${card}`)).lifetime)), expected);
  for (const { card } of full) {
    const { entries } = await api("GET", `/v1/cards/${card}/entries`);
    assert.equal(entries.filter(({ kind }) => kind === "redeem").length, 1);
  }
  const listed = [];
  for (const { till } of [a, b]) listed.push(...(await api("GET", `/v1/contested?till=${till.id}&limit=100`)).contested);
  assert.equal(listed.length, shared + 1);
  assert.deepEqual(listed.filter(({ code, loss }) => code !== "credential_already_used" || loss).map(({ code, loss }) => [code, loss]), [["voucher_not_redeemable", true]]);
  assert.match(await audit(), /^The ledger holds: /);
});
