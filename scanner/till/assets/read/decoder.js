// @ts-check
// The worker that decodes frames, so that the screen never waits for it. It is asked
// { frame } and answers { texts, ms }; once, before, it says { ready: name }.
// Where there is no decoder it says { failed: why } and nothing more.

import { choose } from "./decoders.js";

const chosen = choose(self, async () => (await import("./zxing.js")).load());

chosen.then(
  (decoder) => postMessage({ ready: decoder.name }),
  (error) => postMessage({ failed: String(error) }),
);

addEventListener("message", async ({ data: { frame } }) => {
  try {
    const decoder = await chosen;
    const from = performance.now();
    const texts = await decoder.decode(frame);
    postMessage({ texts, ms: performance.now() - from });
  } catch (error) {
    postMessage({ failed: String(error) });
  } finally {
    frame.close();
  }
});
