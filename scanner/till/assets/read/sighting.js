// @ts-check
// From the texts seen in each frame to what is read: each code once while it is in
// view, and none while there are two.

import { longest } from "./troubles.js";

/** A code has left the view when it was not seen for this many ms. */
export const gone = 1500;

/** After two codes in view, one must have been alone for this many ms: a second one that fails in a single frame is still there. */
export const alone = 500;

/** Two codes that stay in view are told of again after this many ms: by then nobody remembers. */
export const reminder = 4000;

/** @typedef {{ read: string } | { trouble: "two_codes" | "too_long" } | undefined} Sight */

export class Sighting {
  /** @type {Map<string, number>} when each code was last in view */
  #seen = new Map();
  #two = -Infinity;
  /** When two were told of. */
  #told = -Infinity;

  /**
   * One frame. Times are ms of any clock that only goes forward.
   * @param {string[]} texts what the decoder found, in any order
   * @param {number} now
   * @returns {Sight}
   */
  frame(texts, now) {
    for (const [text, at] of this.#seen) if (now - at >= gone) this.#seen.delete(text);
    const codes = new Set(texts);
    if (codes.size > 1) {
      const news = now - this.#two >= gone || now - this.#told >= reminder;
      this.#two = now;
      if (news) this.#told = now;
      for (const code of codes) if (this.#seen.has(code)) this.#seen.set(code, now);
      return news ? { trouble: "two_codes" } : undefined;
    }
    for (const code of codes) {
      const known = this.#seen.has(code);
      if (!known && now - this.#two < alone) return undefined;
      this.#seen.set(code, now);
      if (!known) return code.length > longest ? { trouble: "too_long" } : { read: code };
    }
    return undefined;
  }
}
