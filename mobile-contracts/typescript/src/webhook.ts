import type { components } from "./contract.gen.js";

/** What a webhook is told: an entry with its card, points that run out soon, a pool of codes that runs low, or a test. */
export type WebhookEvent = components["schemas"]["Event"];

/** The headers of a request, as fetch or as node's http has them. */
export type RequestHeaders = Headers | Record<string, string | string[] | undefined>;

/** Seconds that a delivery's time may differ from ours, as Standard Webhooks has it. */
const tolerance = 5 * 60;

/**
 * Checks a delivery to a webhook by Standard Webhooks. body must be what came, byte
 * for byte, not what a framework made of it. Returns the event, or undefined for
 * what nobody with the secret has signed within the last five minutes: answer that
 * with 400.
 *
 * The same event may come more than once. Drop those whose webhook-id you have seen.
 *
 * It throws when the secret is none: a mistake of the configuration.
 */
export async function verifyWebhook(
  secret: string,
  headers: RequestHeaders,
  body: string | Uint8Array,
  now: Date = new Date(),
): Promise<WebhookEvent | undefined> {
  const key = await crypto.subtle.importKey("raw", keyOf(secret), { name: "HMAC", hash: "SHA-256" }, false, ["sign"]);
  const [id, timestamp, signatures] = ["webhook-id", "webhook-timestamp", "webhook-signature"].map((name) => headerOf(headers, name));
  if (!id || !signatures || !timestamp || !/^\d{1,12}$/.test(timestamp)) return undefined;
  if (Math.abs(now.getTime() / 1000 - Number(timestamp)) > tolerance) return undefined;
  const content = typeof body === "string" ? new TextEncoder().encode(body) : body;
  const head = new TextEncoder().encode(`${id}.${timestamp}.`);
  const signed = new Uint8Array(head.length + content.length);
  signed.set(head);
  signed.set(content, head.length);
  const wanted = "v1," + btoa(String.fromCharCode(...new Uint8Array(await crypto.subtle.sign("HMAC", key, signed))));
  // More than one while a secret is rotated; other versions are nothing to us.
  if (!signatures.split(" ").some((signature) => same(signature, wanted))) return undefined;
  return JSON.parse(new TextDecoder().decode(content));
}

function keyOf(secret: string): Uint8Array<ArrayBuffer> {
  const text = /^whsec_([A-Za-z0-9+/]+={0,2})$/.exec(secret)?.[1];
  if (text === undefined) throw new Error("the secret of a webhook begins with whsec_, and base64 follows");
  return Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
}

function headerOf(headers: RequestHeaders, name: string): string | undefined {
  if (headers instanceof Headers) return headers.get(name) ?? undefined;
  const value = Object.entries(headers).find(([key]) => key.toLowerCase() === name)?.[1];
  return Array.isArray(value) ? value[0] : value;
}

/** Compares in a time that says nothing of where two texts differ. */
function same(a: string, b: string): boolean {
  let difference = a.length ^ b.length;
  for (let i = 0; i < b.length; i++) difference |= a.charCodeAt(i) ^ b.charCodeAt(i); // NaN counts as 0
  return difference === 0;
}
