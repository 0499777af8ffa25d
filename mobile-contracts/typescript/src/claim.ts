const alphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
const between = /[ \t\r\n\u00a0\-\u2010-\u2014]/g;
const likeness: Record<string, string> = { O: "0", I: "1", L: "1" };

/**
 * Reads a claim code as a customer typed it or a QR code has it: see tokens.md.
 * Returns it as it is printed, or undefined for what cannot be one, such as a
 * typing mistake. Whether a shop has given it out, only the server knows.
 */
export function readClaimCode(typed: string): string | undefined {
  if (new TextEncoder().encode(typed).length > 64) return undefined;
  let code = "";
  let sum = 0;
  for (const character of typed.replace(between, "")) {
    // Not beyond ASCII, where other letters become ours.
    const upper = character <= "z" ? character.toUpperCase() : character;
    const digit = likeness[upper] ?? upper;
    const value = alphabet.indexOf(digit);
    if (value < 0) return undefined;
    code += digit;
    sum = times2(sum) ^ value;
  }
  if (code.length !== 15 || sum !== 0) return undefined;
  return `${code.slice(0, 5)}-${code.slice(5, 10)}-${code.slice(10)}`;
}

function times2(a: number): number {
  return a > 15 ? (2 * a) ^ 37 : 2 * a;
}
