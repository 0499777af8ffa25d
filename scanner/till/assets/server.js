// The till's talk with the server. What is asked may fail; what is done is asked
// again with the same Idempotency-Key until there is an answer, so that it happens
// once, whatever was lost on the way.

/** The server refused: nothing happened. */
export class Refused extends Error {
  constructor(problem) {
    super(problem.detail);
    this.problem = problem;
  }
}

/** No answer came: nobody knows what happened. Where a problem came instead, it is there. */
export class Unanswered extends Error {
  constructor(message, { problem, ...options } = {}) {
    super(message, options);
    this.problem = problem;
  }
}

const patience = 8000; // ms, for one answer

/** Whether a problem leaves open what happened, or will pass: then the same is asked again. */
const passing = (status, code) => status === 502 || status === 503 || status === 504 || code === "outcome_unknown" || code === "rate_limited";

export class Server {
  constructor(token) {
    this.token = token;
    this.shift = undefined;
  }

  /** One request, once. */
  async ask(method, path, body, key) {
    const headers = {};
    if (this.token) headers.Authorization = `Bearer ${this.token}`;
    if (this.shift) headers["Stempel-Shift"] = this.shift;
    if (key) headers["Idempotency-Key"] = key;
    if (body) headers["Content-Type"] = "application/json";
    let answer, told;
    try {
      answer = await fetch(path, { method, headers, body: body && JSON.stringify(body), cache: "no-store", signal: AbortSignal.timeout(patience) });
      told = await answer.json();
    } catch (cause) {
      throw new Unanswered("no answer", { cause });
    }
    if (answer.ok) return told;
    if (passing(answer.status, told.code)) throw new Unanswered(told.code, { problem: told });
    throw new Refused(told);
  }
}

/** How long to wait before the next try, in ms, after so many. */
export const pause = (tries) => Math.min(8000, 500 * 2 ** tries);

/** An action as it may be kept on the device: without its PIN, and naming nobody. */
export function keepable({ scan, ...action }) {
  const { pin, ...body } = action.body;
  const { first_name: _, ...unnamed } = scan ?? {};
  return { ...action, scan: scan && unnamed, body, pin: pin !== undefined };
}

/**
 * Does an action until it is answered. `store` keeps it meanwhile, so
 * that it goes on after the page was lost; `waiting` is told before each further try
 * and ends the wait when its promise does. Errors: Refused.
 */
export async function settle(server, action, store, waiting) {
  store.set("action", keepable(action));
  for (let tries = 0; ; tries++) {
    try {
      const answer = await server.ask("POST", action.path, action.body, action.key);
      store.drop("action");
      return answer;
    } catch (error) {
      if (!(error instanceof Unanswered)) {
        store.drop("action");
        throw error;
      }
      await waiting(tries, pause(tries));
    }
  }
}
