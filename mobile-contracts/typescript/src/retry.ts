/** When to give up. */
export interface Patience {
  /** Attempts in all. Default 6. */
  attempts: number;
  /** The first pause in milliseconds; each is twice the one before. Default 200. */
  firstPause: number;
  /** The longest pause in milliseconds, also when the server asks for a longer one. Default 10 s. */
  longestPause: number;
}

const usual: Patience = { attempts: 6, firstPause: 200, longestPause: 10_000 };

/**
 * Sends a request until it is definitely answered. It may be sent again whatever
 * it does: reading changes nothing, and what changes something has its
 * Idempotency-Key.
 */
export function retrying(fetch: typeof globalThis.fetch, patience: Partial<Patience> = {}): (request: Request) => Promise<Response> {
  const { attempts, firstPause, longestPause } = { ...usual, ...patience };
  return async (request) => {
    for (let attempt = 1, pause = firstPause; ; attempt++, pause *= 2) {
      const last = attempt >= attempts;
      const response = await fetch(request.clone()).catch((error: unknown) => {
        if (last || request.signal.aborted) {
          throw error;
        }
        return undefined;
      });
      if (response !== undefined && (last || isDefinite(response))) {
        return response;
      }
      await response?.body?.cancel();
      const asked = Number(response?.headers.get("Retry-After") ?? 0) * 1000;
      await sleep(Math.min(Math.max(asked, pause * (0.5 + Math.random() / 2)), longestPause), request.signal);
    }
  };
}

/**
 * 429 also says that a PIN is locked, for minutes: who asked has to hear that. A
 * limit on requests is over in seconds.
 */
function isDefinite(response: Response): boolean {
  switch (response.status) {
    case 408:
    case 502:
    case 503:
    case 504:
      return false;
    case 429:
      return Number(response.headers.get("Retry-After") ?? 0) > 10;
    default:
      return true;
  }
}

function sleep(milliseconds: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    signal.throwIfAborted();
    const leave = () => {
      clearTimeout(timer);
      reject(signal.reason);
    };
    const timer = setTimeout(() => {
      signal.removeEventListener("abort", leave);
      resolve();
    }, milliseconds);
    signal.addEventListener("abort", leave, { once: true });
  });
}
