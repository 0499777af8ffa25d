// Keyboards for tests: which keys a gun that was set to a US keyboard presses, and
// what a device with another layout makes of them.

const shifted = { "!": "1", "@": "2", "#": "3", $: "4", "%": "5", "^": "6", "&": "7", "*": "8", "(": "9", ")": "0" };
const named = { ".": "Period", "-": "Minus", "/": "Slash", ",": "Comma", "]": "BracketRight", "[": "BracketLeft", " ": "Space", "=": "Equal", ";": "Semicolon" };
const namedShifted = { _: "Minus", ":": "Semicolon", "?": "Slash", "+": "Equal" };

/** The key of a character on a US keyboard. */
export function keyOf(c) {
  if (/[a-z]/.test(c)) return { code: `Key${c.toUpperCase()}`, shift: false };
  if (/[A-Z]/.test(c)) return { code: `Key${c}`, shift: true };
  if (/\d/.test(c)) return { code: `Digit${c}`, shift: false };
  if (shifted[c]) return { code: `Digit${shifted[c]}`, shift: true };
  if (named[c]) return { code: named[c], shift: false };
  if (namedShifted[c]) return { code: namedShifted[c], shift: true };
  throw new Error(`no key for ${c}`);
}

const swapped = { y: "z", z: "y", Y: "Z", Z: "Y" };

/** What devices make of a US keyboard's characters. */
export const layouts = {
  us: (c) => c,
  "pl-214": (c) => swapped[c] ?? ({ "-": "/", _: "?", ":": "Ł", ";": "ł", "/": "-", "?": "_" }[c] ?? c),
  "ro-legacy": (c) => swapped[c] ?? ({ "-": "Dead", _: "?", ":": "Ș", ";": "ș", "/": "-" }[c] ?? c),
  capslock: (c) => (c === c.toUpperCase() ? c.toLowerCase() : c.toUpperCase()),
};

/** The strokes of a text, with its Shift keys, from a time on. */
export function strokes(text, { from = 0, gap = 0.5, layout = layouts.us } = {}) {
  let at = from;
  return [...text].flatMap((c) => {
    at += gap;
    if (c === "\r") return [{ key: "Enter", code: "Enter", at }];
    if (c === "\n") return [{ key: "j", code: "KeyJ", ctrl: true, at }];
    if (c === "\t") return [{ key: "Tab", code: "Tab", at }];
    const { code, shift } = keyOf(c);
    return [...(shift ? [{ key: "Shift", code: "ShiftLeft", shift, at }] : []), { key: layout(c), code, shift, at }];
  });
}
