// @ts-check
// What a key types on a US keyboard, whatever layout the tablet is set to: guns are
// delivered for that one. Names of keys are those of UI Events KeyboardEvent code.

const shiftedDigits = ")!@#$%^&*(";

/** @type {Record<string, string>} plain, then with shift */
const others = {
  Space: "  ", Minus: "-_", Equal: "=+", BracketLeft: "[{", BracketRight: "]}", Backslash: "\\|",
  Semicolon: ";:", Quote: "'\"", Backquote: "`~", Comma: ",<", Period: ".>", Slash: "/?",
  NumpadDecimal: "..", NumpadAdd: "++", NumpadSubtract: "--", NumpadMultiply: "**", NumpadDivide: "//",
};

/**
 * @param {string} code
 * @param {boolean} shift
 * @returns {string | undefined} undefined for keys that a US keyboard lacks, or that type nothing
 */
export function typedOnUS(code, shift) {
  if (/^Key[A-Z]$/.test(code)) return shift ? code[3] : code[3].toLowerCase();
  if (/^Digit\d$/.test(code)) return shift ? shiftedDigits[Number(code[5])] : code[5];
  if (/^Numpad\d$/.test(code)) return code[6];
  return others[code]?.[shift ? 1 : 0];
}

/** Keys that only change others. */
export const modifiers = new Set([
  "Shift", "Control", "Alt", "AltGraph", "Meta", "CapsLock", "NumLock", "ScrollLock", "Fn", "Hyper", "Super", "Symbol",
]);
