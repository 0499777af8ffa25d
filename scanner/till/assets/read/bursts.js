// @ts-check
// Telling a gun from a person by the time between keys. A person never types eight
// characters in a row with at most 50 ms between any two; guns need 0.5 to 40 ms.
//
// It knows no document: it is told of keys, and says what is to be done.

import { modifiers, typedOnUS } from "./keyboard.js";
import { longest } from "./troubles.js";

/**
 * @typedef {object} Key what happened on the keyboard
 * @property {string} key as in KeyboardEvent
 * @property {string} code as in KeyboardEvent, or ""
 * @property {boolean} [shift]
 * @property {boolean} [ctrl] without AltGr
 * @property {boolean} [repeat] a key held down
 * @property {number} at ms of a clock that only goes forward
 *
 * @typedef {object} Settings
 * @property {string} [prefix] what the gun types before each code; taken off
 * @property {string} [suffix] what it types after each code, other than Enter or Tab, which always end one
 * @property {"os" | "us"} [layout] "us" when the gun types as on a US keyboard and this device is set to another
 * @property {number} [gap] most ms between two keys of a gun
 * @property {number} [least] fewest characters of a code
 *
 * @typedef {{ begins: true } | { back: string } | { trouble: "too_long" } |
 *   { read: string, second?: string, ms: number }} Effect
 *   begins: what was typed since `at` was a gun's, so fields are to be as before;
 *   back: these characters were taken and belong to a person after all
 */

/**
 * From this many fast keys on they are taken away from the page, before it is certain
 * that it is a gun: no field has seen a PIN's four digits by then.
 */
const suspicious = 4;

/** ETX, HT, LF and CR, as guns type them with Ctrl. */
const endsWithCtrl = new Set(["KeyC", "KeyI", "KeyJ", "KeyM"]);

export class Bursts {
  #run = new Run();
  #ended = -Infinity; // when the last key of a code came
  /** How the last code ended, which is how the next will. @type {"key" | "silence" | undefined} */
  #by;
  /** @type {Required<Settings>} */
  #settings;

  /** @param {Settings} [settings] */
  constructor(settings = {}) {
    this.#settings = { prefix: "", suffix: "", layout: "os", gap: 50, least: 8, ...settings };
  }

  get gap() { return this.#settings.gap; }

  /** Whether keys wait for what comes next, and so flush() must be called after a silence. */
  get waiting() { return this.#run.length > 0; }

  /**
   * After how many ms without a key to call flush(). Times of keys decide what belongs
   * together; a silence only says that they may still be under way, on a busy device.
   * So a gun that ends its codes is waited for, and one that does not is learned of.
   */
  get silence() {
    if (this.#run.length < this.#settings.least) return 6 * this.gap;
    if (this.#by === "silence") return 3 * this.gap;
    return this.#by === "key" ? 3000 : 1000;
  }

  /** Whether a key at this time belongs to those that wait. @param {number} at */
  continues(at) { return this.waiting && at - this.#run.last <= this.gap; }

  /**
   * @param {Key} key
   * @returns {{ take: boolean, effects: Effect[] }} take: the page must not see this key
   */
  key(key) {
    /** @type {Effect[]} */
    const effects = [];
    if (key.repeat || modifiers.has(key.key)) return { take: false, effects };
    if (!this.continues(key.at)) effects.push(...this.flush());
    if (ends(key)) return { take: this.#end(key, effects), effects };
    if (key.ctrl) return { take: this.#separator(key), effects };

    const typed = [...key.key].length === 1 ? key.key : undefined;
    const us = typedOnUS(key.code, key.shift ?? false);
    if (typed === undefined && us === undefined) { // an arrow, Escape, F5: no part of a code
      effects.push(...this.flush());
      return { take: false, effects };
    }
    return { take: this.#append(typed, us, key.at, effects), effects };
  }

  /**
   * A text that came in one event, as some devices type.
   * @param {string} text
   * @param {number} at
   */
  chunk(text, at) {
    /** @type {Effect[]} */
    const effects = [];
    if (!this.continues(at)) effects.push(...this.flush());
    if (!this.waiting && text.length < this.#settings.least) return { take: false, effects };
    for (const part of text.split(/(\r\n|[\r\n\t])/)) {
      this.#run.take();
      if (/^[\r\n\t]/.test(part)) this.#end({ key: "Enter", code: "", at }, effects);
      else for (const c of part) this.#append(c, undefined, at, effects);
    }
    return { take: true, effects };
  }

  /** Nothing came for longer than the gap: what was typed is a whole code, or a person's. @returns {Effect[]} */
  flush() {
    const run = this.#run;
    this.#run = new Run();
    if (run.length >= this.#settings.least) {
      this.#ended = run.last;
      this.#by = "silence";
      return [this.#result(run, 0)];
    }
    return run.held ? [{ back: run.held }] : [];
  }

  /** @param {string | undefined} typed @param {string | undefined} us @param {number} at @param {Effect[]} effects */
  #append(typed, us, at, effects) {
    const run = this.#run;
    run.append(typed, us, at);
    const { suffix, least } = this.#settings;
    if (!run.taken && run.length >= Math.min(suspicious, least)) {
      run.take();
      effects.push({ begins: true });
    }
    if (suffix && run.length >= least + suffix.length && (run.typed.endsWith(suffix) || run.us.endsWith(suffix))) {
      effects.push(this.#result(run, suffix.length));
      this.#run = new Run();
      this.#ended = at;
      this.#by = "key";
    }
    return run.taken;
  }

  /** @param {Key} key @param {Effect[]} effects */
  #end(key, effects) {
    const run = this.#run;
    if (!this.waiting) return this.#trails(key);
    if (run.length < this.#settings.least) {
      effects.push(...this.flush());
      return false;
    }
    effects.push(this.#result(run, 0, key.at));
    this.#run = new Run();
    this.#ended = key.at;
    this.#by = "key";
    return true;
  }

  /** A separator inside a code is left out of it, and must not open the browser's own windows. @param {Key} key */
  #separator(key) {
    if (!this.waiting) return false;
    this.#run.last = key.at;
    return this.#run.taken;
  }

  /** A line end that belongs to the code before it: the second of two, or one that came late. @param {Key} key */
  #trails(key) { return key.at - this.#ended <= 4 * this.gap; }

  /** @param {Run} run @param {number} cut @param {number} [at] @returns {Effect} */
  #result(run, cut, at = run.last) {
    if (run.length - cut > longest) return { trouble: "too_long" };
    const { prefix, suffix, layout } = this.#settings;
    const strip = (/** @type {string} */ text) => {
      if (suffix && text.endsWith(suffix)) text = text.slice(0, -suffix.length);
      if (prefix && text.startsWith(prefix)) text = text.slice(prefix.length);
      return text.replace(/^\][A-Za-z][0-9A-Za-z]/, ""); // AIM symbology identifier, ISO/IEC 15424
    };
    const typed = run.typedWhole ? strip(run.typed) : undefined;
    const us = run.usWhole ? strip(run.us) : undefined;
    const read = better(typed, us, layout) ?? strip(run.typed);
    const second = read === typed ? us : typed;
    const ms = at - run.first;
    return second !== undefined && second !== read ? { read, second, ms } : { read, ms };
  }
}

/** Fast keys in a row. */
class Run {
  typed = ""; // by the device's layout
  us = ""; // by a US keyboard's
  typedWhole = true; // no key was a dead one, or of an input method
  usWhole = true; // every key is on a US keyboard
  length = 0;
  first = 0;
  last = 0;
  taken = false;
  held = ""; // all of it, when taken: to be put back if need be

  /** @param {string | undefined} typed @param {string | undefined} us @param {number} at */
  append(typed, us, at) {
    if (this.length === 0) this.first = at;
    this.last = at;
    this.length++;
    if (this.length > longest + 64) return; // too long already, and not to be kept
    this.typed += typed ?? "";
    this.us += us ?? "";
    this.typedWhole &&= typed !== undefined;
    this.usWhole &&= us !== undefined;
    if (this.taken) this.held += typed ?? us ?? "";
  }

  take() {
    if (this.taken) return;
    this.taken = true;
    this.held = this.typed || this.us;
  }
}

/** @param {Key} key */
function ends(key) {
  return key.key === "Enter" || key.key === "Tab" || (key.ctrl === true && endsWithCtrl.has(key.code));
}

// What the texts of this server begin with (mobile-contracts/tokens.md), and addresses
// in tags. Layouts that swap letters, and a CapsLock left on, spoil it.
export const ours = /^(ST[A-Z]\.|eyJ|https?:\/\/)/;

/** @param {string | undefined} typed @param {string | undefined} us @param {"os" | "us"} layout */
function better(typed, us, layout) {
  if (typed === undefined || us === undefined) return typed ?? us;
  const [first, second] = layout === "us" ? [us, typed] : [typed, us];
  if (!ours.test(first) && ours.test(second)) return second;
  return /^[ -~]*$/.test(first) ? first : second; // a gun that meant accents is none we know
}
