// @ts-check
// Barcode guns and NFC readers that type like a keyboard. Their keys are kept from
// the page; what a person types reaches it. Keys of a person that came so fast that
// they were taken for a gun's are put back: without a field by events, "keystaken" with
// when the first came, "keysgiven" with a person's text.

import { Bursts, ours } from "./bursts.js";

/**
 * @typedef {object} Options
 * @property {import("./troubles.js").OnRead} onRead
 * @property {import("./troubles.js").OnTrouble} onTrouble
 * @property {Document} [target]
 *
 * @typedef {HTMLInputElement | HTMLTextAreaElement} Field
 */

/**
 * @param {Options & import("./bursts.js").Settings} options
 * @returns {{ stop: () => void }}
 */
export function start({ onRead, onTrouble, target = document, ...settings }) {
  const bursts = new Bursts(settings);
  /** @type {{ field: Field, value: string, from: number | null, to: number | null } | undefined} */
  let before; // the field as it was before the first of these keys
  let since = 0; // when that key came
  let unnamed = false; // the last key did not say what it types: its text comes as input
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer;
  /** When the timer should have fired. */
  let due = 0;

  /** @param {Event} event @param {{ take: boolean, effects: import("./bursts.js").Effect[] }} result */
  function act(event, { take, effects }) {
    if (take) {
      event.preventDefault();
      event.stopImmediatePropagation();
    }
    apply(effects);
    clearTimeout(timer);
    if (bursts.waiting) arm();
  }

  /** @param {import("./bursts.js").Effect[]} effects */
  function apply(effects) {
    for (const effect of effects) {
      if ("begins" in effect) restore();
      else if ("back" in effect) give(effect.back);
      else if ("trouble" in effect) onTrouble({ code: effect.trouble });
      else tell(effect);
    }
  }

  // A screen that fails over one code must not cost the next.
  /** @param {{ read: string, second?: string, ms: number }} effect */
  function tell({ read, second, ms }) {
    try {
      onRead(read, { channel: "wedge", at: Date.now(), ms, ...(second === undefined ? {} : { second }) });
    } catch (error) {
      reportError(error);
    }
  }

  function arm() {
    due = performance.now() + bursts.silence;
    timer = setTimeout(silence, bursts.silence);
  }

  // A timer that comes late says that the page was busy, and that keys may be waiting
  // behind it.
  function silence() {
    if (performance.now() - due > bursts.gap) return arm();
    apply(bursts.flush());
  }

  function restore() {
    if (!before) {
      target.dispatchEvent(new CustomEvent("keystaken", { detail: since }));
      return;
    }
    const { field, value, from, to } = before;
    field.value = value;
    if (from !== null) field.setSelectionRange(from, to);
    field.dispatchEvent(new InputEvent("input", { bubbles: true, inputType: "historyUndo" }));
  }

  // Into the field as restore() left it, also when another has the focus by now.
  /** @param {string} text */
  function give(text) {
    if (!before) {
      target.dispatchEvent(new CustomEvent("keysgiven", { detail: text }));
      return;
    }
    const { field } = before;
    const { selectionStart: from, selectionEnd: to, value } = field;
    if (from === null || to === null) field.value = value + text;
    else field.setRangeText(text, from, to, "end");
    field.dispatchEvent(new InputEvent("input", { bubbles: true, inputType: "insertText", data: text }));
  }

  /** @param {Event} event */
  function remember(event) {
    if (bursts.continues(event.timeStamp)) return;
    apply(bursts.flush()); // first, since it may give back to the field
    const field = editable(event.target);
    since = event.timeStamp;
    before = field && { field, value: field.value, from: field.selectionStart, to: field.selectionEnd };
  }

  /** @param {KeyboardEvent} event */
  function keydown(event) {
    unnamed = event.key === "Unidentified" && event.code === "";
    if (unnamed) return;
    const altGraph = event.getModifierState("AltGraph") || (event.ctrlKey && event.altKey);
    const key = {
      key: event.key, code: event.code, shift: event.shiftKey, repeat: event.repeat, at: event.timeStamp,
      ctrl: (event.ctrlKey || event.metaKey) && !altGraph,
    };
    remember(event);
    act(event, bursts.key(key));
  }

  // What a touch keyboard's driver or a reader's own app inserts without keys.
  /** @param {InputEvent} event */
  function beforeinput(event) {
    const lineEnd = event.inputType === "insertLineBreak" || event.inputType === "insertParagraph";
    const text = lineEnd ? "\n" : event.data ?? "";
    if (event.isComposing || !(lineEnd || event.inputType === "insertText") || !text) return;
    if ([...text].length > 1) {
      if (suggested(event.target, text)) return;
      remember(event);
      act(event, bursts.chunk(text, event.timeStamp));
    } else if (unnamed) {
      remember(event);
      act(event, bursts.key({ key: lineEnd ? "Enter" : text, code: "", at: event.timeStamp }));
    }
  }

  target.addEventListener("keydown", keydown, true);
  target.addEventListener("beforeinput", /** @type {EventListener} */ (beforeinput), true);
  return {
    stop() {
      clearTimeout(timer);
      target.removeEventListener("keydown", keydown, true);
      target.removeEventListener("beforeinput", /** @type {EventListener} */ (beforeinput), true);
    },
  };
}

// A tablet's keyboard gives a whole address that it suggests at once. Fields for such
// are marked data-words.
/** @param {EventTarget | null} at @param {string} text */
const suggested = (at, text) => "words" in (editable(at)?.dataset ?? {}) && !ours.test(text);

/** @param {EventTarget | null} at @returns {Field | undefined} */
function editable(at) {
  const field = /** @type {any} */ (at);
  if (field?.matches?.("textarea, input:not([type=button], [type=submit], [type=checkbox], [type=radio], [type=range])")) return field;
  return undefined;
}
