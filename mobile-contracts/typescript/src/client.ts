import createClient, { type Client } from "openapi-fetch";

import type { paths } from "./contract.gen.js";
import { retrying, type Patience } from "./retry.js";

/** How to reach a server. */
export interface Options {
  /** Where it is, such as https://loyalty.example.com. */
  baseUrl: string;
  /** An API key, a till's token or a card's token. */
  token: string;
  /** How long and how often to try again. */
  patience?: Partial<Patience>;
  /** Instead of the platform's fetch. */
  fetch?: typeof globalThis.fetch;
}

/** One method for each HTTP method; paths, parameters, bodies and answers are typed. */
export type Stempel = Client<paths>;

/**
 * Makes a client. Every request that changes something gets an Idempotency-Key
 * unless it has one, and is sent again with the same one while the server is away,
 * too busy, or does not know the outcome. Whatever comes back is definite, save
 * when patience runs out: then the last answer comes back, or fetch's own error.
 */
export function createStempel(options: Options): Stempel {
  const client = createClient<paths>({
    baseUrl: options.baseUrl,
    fetch: retrying(options.fetch ?? globalThis.fetch, options.patience),
  });
  client.use({
    onRequest({ request }) {
      request.headers.set("Authorization", `Bearer ${options.token}`);
      if (request.method !== "GET" && !request.headers.has("Idempotency-Key")) {
        request.headers.set("Idempotency-Key", crypto.randomUUID());
      }
      return request;
    },
  });
  return client;
}
