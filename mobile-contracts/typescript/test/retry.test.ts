import assert from "node:assert/strict";
import { test } from "node:test";

import { createStempel } from "../src/index.js";

/** A fetch that answers one after the other, and remembers what it was asked. */
function scripted(...answers: (Response | Error)[]) {
  const asked: { key: string | null; body: string }[] = [];
  const fetch = async (input: RequestInfo | URL) => {
    const request = input as Request;
    asked.push({ key: request.headers.get("Idempotency-Key"), body: await request.text() });
    const answer = answers[asked.length - 1];
    assert.ok(answer, "asked too often");
    if (answer instanceof Error) throw answer;
    return answer;
  };
  return { asked, fetch };
}

const problem = (status: number, code: string, headers: HeadersInit = {}) =>
  Response.json({ type: "urn:x", title: code, status, code, detail: code, request_id: "r" }, { status, headers });
const done = () => Response.json({ entries: [], offers: [], receipt: "x" }, { status: 201 });
const patience = { firstPause: 1, longestPause: 2, attempts: 4 };

const adjust = (fetch: typeof globalThis.fetch, headers: Record<string, string> = {}) =>
  createStempel({ baseUrl: "http://s", token: "t", patience, fetch }).POST("/v1/cards/{card}/adjustments", {
    params: { path: { card: "card_x" }, header: headers as { "Idempotency-Key": string } },
    body: { units: 1 },
  });

test("the same request with the same key until it is definite", async () => {
  const { asked, fetch } = scripted(
    new TypeError("connection refused"), problem(503, "outcome_unknown"), problem(429, "rate_limited", { "Retry-After": "1" }), done());
  const answer = await adjust(fetch);
  assert.equal(answer.response.status, 201);
  assert.equal(asked.length, 4);
  assert.match(asked[0]?.key ?? "", /^[0-9a-f-]{36}$/);
  for (const one of asked) assert.deepEqual(one, asked[0]);
});

test("another intention, another key", async () => {
  const { asked, fetch } = scripted(done(), done());
  await adjust(fetch);
  await adjust(fetch);
  assert.notEqual(asked[0]?.key, asked[1]?.key);
});

test("a key of one's own is left alone", async () => {
  const { asked, fetch } = scripted(done());
  await adjust(fetch, { "Idempotency-Key": "mine" });
  assert.equal(asked[0]?.key, "mine");
});

for (const refusal of [problem(409, "card_blocked"), problem(422, "units_out_of_range"), problem(429, "pin_locked", { "Retry-After": "300" }), problem(500, "internal")]) {
  test(`${refusal.status} is definite`, async () => {
    const { asked, fetch } = scripted(refusal);
    const answer = await adjust(fetch);
    assert.equal(answer.response.status, refusal.status);
    assert.equal(answer.error?.status, refusal.status);
    assert.equal(asked.length, 1);
  });
}

test("when patience is out, the last word stands", async () => {
  const away = () => problem(503, "unavailable");
  const answer = await adjust(scripted(away(), away(), away(), away()).fetch);
  assert.equal(answer.error?.code, "unavailable");
  const gone = () => new TypeError("connection refused");
  await assert.rejects(adjust(scripted(gone(), gone(), gone(), gone()).fetch), /connection refused/);
});
