// A day with a real server: the demo of the program that STEMPEL_BINARY names.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";

import { createStempel, dataOf, rotatingText, StempelError, verifyReceipt, type Stempel } from "../src/index.js";

interface Demo {
  base_url: string;
  api_key: string;
  till_token: string;
  programs: Record<string, string>;
  rewards: Record<string, string>;
}

const binary = process.env["STEMPEL_BINARY"];
assert.ok(binary, "STEMPEL_BINARY must name the server's program");
const data = mkdtempSync(join(tmpdir(), "stempel-client-"));
const running = spawn(binary, ["demo", "--data", data, "--listen", "127.0.0.1:0"], { stdio: "ignore" });
after(() => {
  running.kill();
  rmSync(data, { recursive: true });
});
const demo = await started(join(data, "demo.json"));
const server = createStempel({ baseUrl: demo.base_url, token: demo.api_key });
const till = createStempel({ baseUrl: demo.base_url, token: demo.till_token });

/** Waits for what the demo writes when it serves. */
async function started(file: string): Promise<Demo> {
  for (let i = 0; !existsSync(file) && i < 600; i++) {
    assert.equal(running.exitCode, null, "the server has ended");
    await sleep(50);
  }
  return JSON.parse(readFileSync(file, "utf8"));
}

async function refused(answer: Promise<Parameters<typeof dataOf>[0]>, code: string) {
  await assert.rejects(async () => dataOf(await answer), (error) => error instanceof StempelError && error.code === code);
}

async function newCard(program: string) {
  return dataOf(await server.POST("/v1/cards", { body: { program: demo.programs[program]! }, params: {} }));
}

async function code(card: string) {
  return dataOf(await server.POST("/v1/cards/{card}/tokens", { params: { path: { card } } })).token;
}

const scan = async (at: Stempel, credential: string, units: number) =>
  at.POST("/v1/scans", { body: { credential, earn: { units } }, params: {} });

test("a card is filled, its reward handed out, and every receipt holds offline", async () => {
  const card = await newCard("ice-cream");
  const shown = await code(card.id);
  const stamped = dataOf(await scan(till, shown, 1));
  assert.equal(stamped.card.balance, 1);
  await refused(scan(till, shown, 1), "credential_already_used");

  const keys = dataOf(await server.GET("/.well-known/jwks.json"));
  const receipt = await verifyReceipt(stamped.receipt ?? "", keys);
  assert.equal(receipt?.entry, stamped.entries[0]?.id);
  assert.equal(receipt?.hash, stamped.entries[0]?.hash);
  assert.equal(await verifyReceipt((stamped.receipt ?? "") + "A", keys), undefined);

  const full = dataOf(await scan(till, await code(card.id), 9));
  assert.equal(full.card.balance, 0);
  assert.equal(full.card.vouchers.length, 1);
  const redeemed = dataOf(await till.POST("/v1/scans/redeem", {
    params: { header: { "Idempotency-Key": crypto.randomUUID() } },
    body: { scan: full.scan, reward: demo.rewards["ice-cream"]! },
  }));
  assert.equal((await verifyReceipt(redeemed.receipt, keys))?.kind, "redeem");
});

test("a phone makes its codes offline", async () => {
  const card = await newCard("ice-cream");
  const device = dataOf(await server.POST("/v1/cards/{card}/devices", { params: { path: { card: card.id } }, body: { name: "Pixel" } }));
  const phone = createStempel({ baseUrl: demo.base_url, token: device.token });
  const secret = dataOf(await phone.POST("/v1/cards/{card}/rotating", { params: { path: { card: card.id } } }));
  const shown = await rotatingText(secret, new Date(secret.server_time));
  assert.equal(dataOf(await scan(till, shown, 1)).card.balance, 1);
  await refused(scan(till, shown, 1), "credential_already_used");
  dataOf(await phone.POST("/v1/cards/{card}/devices/{device}/revoke", { params: { path: { card: card.id, device: device.id } } }));
  await refused(scan(till, shown, 1), "credential_already_used");
  const next = new Date(Date.parse(secret.server_time) + 30_000);
  await refused(scan(till, await rotatingText(secret, next), 1), "credential_revoked");
});

test("the same key is the same answer", async () => {
  const card = await newCard("ice-cream");
  const once = { params: { path: { card: card.id }, header: { "Idempotency-Key": crypto.randomUUID() } }, body: { units: 3, note: "sorry" } };
  const first = dataOf(await server.POST("/v1/cards/{card}/adjustments", once));
  const again = await server.POST("/v1/cards/{card}/adjustments", once);
  assert.deepEqual(dataOf(again), first);
  assert.equal(again.response.headers.get("Idempotent-Replayed"), "true");
  assert.equal(dataOf(await server.GET("/v1/cards/{card}", { params: { path: { card: card.id } } })).balance, 3);
});

test("refusals have codes", async () => {
  await refused(server.GET("/v1/cards/{card}", { params: { path: { card: "card_01h455vb4pex5vsknk084sn02q" } } }), "card_not_found");
  await refused(scan(till, "not a code", 1), "credential_unknown");
  await refused(scan(server, "not a code", 1), "forbidden");
});
