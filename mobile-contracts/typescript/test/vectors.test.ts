// The vectors of the contract, which every language has to agree with.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

import {
  canonicalBytes, commitmentOf, readClaimCode, rotatingText, rotatingUntil, verifyChain, verifyReceipt, verifyWebhook, type Chained,
  type KeySet,
} from "../src/index.js";

/** Numbers beyond 53 bits come as texts, which BigInt reads as well. */
function vectors(name: string) {
  const text = readFileSync(new URL(`../../../vectors/${name}.json`, import.meta.url), "utf8");
  return JSON.parse(text.replace(/: (-?\d{16,})/g, ': "$1"'));
}

const receipts = vectors("receipt");
const keys: KeySet = {
  keys: receipts.keys.map((k: Record<string, string>) => ({
    kty: "OKP", crv: "Ed25519", use: "sig", alg: "EdDSA", kid: k["kid"], x: k["ed25519_public"], purpose: k["purpose"],
  })),
};

for (const one of receipts.cases) {
  test(`receipt: ${one.name}`, async () => {
    const found = await verifyReceipt(one.text, keys);
    assert.deepEqual(found, one.result === "ok" ? one.statement : undefined);
  });
}

test("a receipt with one bit changed anywhere is none", async () => {
  const good: string = receipts.cases[0].text;
  for (let i = 0; i < good.length; i++) {
    const other = String.fromCharCode(good.charCodeAt(i) ^ 1);
    assert.equal(await verifyReceipt(good.slice(0, i) + other + good.slice(i + 1), keys), undefined, `at ${i}`);
  }
});

for (const one of vectors("chain").cases) {
  test(`chain: ${one.name}`, async () => {
    const result = await verifyChain(one.card, one.entries);
    assert.equal(result.holds ? 0 : result.brokenAt, one.broken_at ?? 0, JSON.stringify(result));
    if (one.broken_at !== undefined) return;
    for (const entry of one.entries as (Chained & { canonical: string; detail?: { salt: string; body: string } })[]) {
      assert.equal(Buffer.from(canonicalBytes(entry)).toString("hex"), entry.canonical);
      if (entry.detail) {
        assert.equal(await commitmentOf(Buffer.from(entry.detail.salt, "hex"), entry.detail.body), entry.commitment);
      }
    }
  });
}

test("chain: every method has its number", () => {
  const ledger = readFileSync(new URL("../../../ledger.md", import.meta.url), "utf8");
  const table = [...ledger.split("### Methods")[1]!.split("###")[0]!.matchAll(/^\| (\d+) \| `(\w+)`/gm)];
  assert.ok(table.length > 7);
  for (const [, number, method] of table) {
    const entry = { ...vectors("chain").cases[0].entries[0], method };
    assert.equal(canonicalBytes(entry)[158], Number(number), method);
  }
});

for (const one of vectors("rotating").cases) {
  if (one.result !== "ok") continue; // what a till is refused, no client makes
  test(`rotating: ${one.name}`, async () => {
    const secret = { secret: one.secret, prefix: one.prefix, digits: 8, period_seconds: 30 };
    assert.equal(await rotatingText(secret, new Date(one.made)), one.text);
    // It is accepted for one period longer than it is the current one.
    assert.equal(rotatingUntil(secret, new Date(one.made)).getTime() + 30_000, Date.parse(one.expires));
  });
}

// RFC 6238 appendix B, and the same key as Google Wallet shows it every 3 seconds.
for (const [seconds, period_seconds, code] of [
  [59, 30, "94287082"], [1111111109, 30, "07081804"], [1111111111, 30, "14050471"], [1234567890, 30, "89005924"],
  [20000000000, 30, "65353130"], [59, 3, "21578337"], [1111111109, 3, "32442993"], [1111111111, 3, "65078005"],
] as const) {
  test(`TOTP at ${seconds} s every ${period_seconds} s`, async () => {
    const secret = { secret: "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ", prefix: "", digits: 8, period_seconds };
    assert.equal(await rotatingText(secret, new Date(seconds * 1000)), code);
  });
}

test("a secret that is none makes no code", async () => {
  for (const bad of ["GEZDGNBV=", "gezdgnbvgy3tqojqgezdgnbvgy3tqojq", "GEZDGNB1", "GEZDGNBVGY"]) {
    await assert.rejects(rotatingText({ secret: bad, prefix: "", digits: 8, period_seconds: 30 }, new Date()));
  }
});

for (const one of vectors("claim").cases) {
  test(`claim code: ${one.name}`, () => {
    assert.equal(readClaimCode(one.text), one.code);
  });
}

interface Delivery {
  name: string;
  secret: string;
  body: string;
  now: string;
  result: "ok" | "refused";
  [header: `webhook-${string}`]: string;
}

const deliveries: Delivery[] = JSON.parse(readFileSync(new URL("../../../vectors/webhook.json", import.meta.url), "utf8")).cases;

for (const one of deliveries) {
  test(`webhook: ${one.name}`, async () => {
    const sent = Object.entries(one).filter(([name]) => name.startsWith("webhook-")) as [string, string][];
    const node = Object.fromEntries(sent.map(([name, value]) => [name, value]));
    const bytes = new TextEncoder().encode(one.body);
    for (const [headers, body] of [[new Headers(sent), one.body], [node, bytes]] as const) {
      const event = verifyWebhook(one.secret, headers, body, new Date(one.now));
      if (one.result === "ok" && one.body === "") await assert.rejects(event, SyntaxError); // signed, and no event
      else assert.deepEqual(await event, one.result === "ok" ? JSON.parse(one.body) : undefined);
    }
  });
}

test("webhook: a secret that is none is a mistake of ours, not of the sender", async () => {
  for (const secret of ["", "whsec_", "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=", "whsec_a-b"]) {
    await assert.rejects(verifyWebhook(secret, {}, "{}"), /whsec_/);
  }
});

// A till's app in any language signs and checks these with what its platform has.
const offline = vectors("offline");

const decoded = (text: string) => Buffer.from(text, "base64url");

async function isSigned(text: string, key: CryptoKey, algorithm: EcdsaParams | { name: string }) {
  const end = text.lastIndexOf(".");
  return crypto.subtle.verify(algorithm, key, decoded(text.slice(end + 1)), new TextEncoder().encode(text.slice(0, end)));
}

for (const one of offline.cases) {
  if (one.result === "item_malformed") continue; // what no app would write
  test(`offline: ${one.name}`, async () => {
    const [header, payload] = one.text.split(".");
    if (one.kind === "item") {
      const { x, y } = offline.keys.find((k: { purpose: string }) => k.purpose === "queue");
      const key = await crypto.subtle.importKey("jwk", { kty: "EC", crv: "P-256", x, y }, { name: "ECDSA", namedCurve: "P-256" }, false, ["verify"]);
      assert.equal(await isSigned(one.text, key, { name: "ECDSA", hash: "SHA-256" }), one.result === "ok");
      assert.equal(decoded(header).toString(), '{"alg":"ES256","typ":"stempel-offline+jwt"}');
      if (one.result !== "ok") return;
      const hash = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(`${header}.${payload}`));
      assert.equal(Buffer.from(hash).toString("base64url"), one.hash);
    } else {
      const { alg, kid, typ } = JSON.parse(decoded(header).toString());
      const { x } = offline.keys.find((k: { kid?: string }) => k.kid === kid);
      const key = await crypto.subtle.importKey("jwk", { kty: "OKP", crv: "Ed25519", x }, { name: "Ed25519" }, false, ["verify"]);
      assert.equal(await isSigned(one.text, key, { name: "Ed25519" }), true);
      assert.deepEqual([alg, typ], ["EdDSA", { statement: "voucher+jwt", lease: "stempel-lease+jwt", contact: "stempel-contact+jwt" }[one.kind as string]]);
    }
    assert.deepEqual(JSON.parse(decoded(payload).toString()), one.payload);
  });
}
