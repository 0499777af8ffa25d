// @ts-check
// Cutting what a serial reader sends into the texts it meant: lines that end in CR, LF
// or both, or what stands between STX and ETX.

import { longest } from "./troubles.js";

const STX = 0x02, ETX = 0x03, LF = 0x0a, CR = 0x0d;

/** A line that was not ended for this many ms is a rest of something, not the start of the next. */
export const stale = 500;

/** @typedef {{ text: string } | { trouble: "too_long" | "serial_torn" }} Frame */

export class Frames {
  /** @type {number[]} */
  #bytes = [];
  #between = false; // STX came, ETX did not
  #long = false; // the rest of a line that is too long is passed over
  #last = -Infinity;

  /**
   * @param {Uint8Array} chunk as it came: it may hold half a frame or several
   * @param {number} now ms of a clock that only goes forward
   * @returns {Frame[]}
   */
  push(chunk, now) {
    /** @type {Frame[]} */
    const frames = [];
    if (now - this.#last > stale) frames.push(...this.cut());
    this.#last = now;
    for (const byte of chunk) {
      if (byte === STX) {
        frames.push(...this.cut());
        this.#between = true;
      } else if (byte === ETX || (!this.#between && (byte === LF || byte === CR))) {
        frames.push(...this.#end());
      } else if (this.#long) {
        continue;
      } else if (this.#bytes.length === longest) {
        this.#bytes = [];
        this.#long = true;
        frames.push({ trouble: "too_long" });
      } else {
        this.#bytes.push(byte);
      }
    }
    return frames;
  }

  /** Gives up what was not ended, as when the reader was unplugged. @returns {Frame[]} */
  cut() {
    const torn = this.#bytes.length > 0;
    this.#reset();
    return torn ? [{ trouble: "serial_torn" }] : [];
  }

  /** @returns {Frame[]} */
  #end() {
    const bytes = Uint8Array.from(this.#bytes);
    this.#reset();
    try {
      const text = new TextDecoder("utf-8", { fatal: true }).decode(bytes).trim();
      return text === "" ? [] : [{ text }];
    } catch {
      return [{ trouble: "serial_torn" }];
    }
  }

  #reset() {
    this.#bytes = [];
    this.#between = this.#long = false;
  }
}
