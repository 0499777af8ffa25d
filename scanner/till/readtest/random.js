// Random values that come again with SEED=n (mulberry32), for tests of what holds always.
const seed = Number(process.env.SEED ?? Date.now() % 1_000_000);
console.log(`# SEED=${seed}`);

let state = seed;
export function random() {
  state = (state + 0x6d2b79f5) | 0;
  let t = Math.imul(state ^ (state >>> 15), 1 | state);
  t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
  return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
}

/** An integer from low to high, both included. */
export const between = (low, high) => low + Math.floor(random() * (high - low + 1));
export const oneOf = (all) => all[between(0, all.length - 1)];
export const textOf = (alphabet, length) => Array.from({ length }, () => oneOf(alphabet)).join("");

const base32 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
const base64url = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/** Texts as cards show them. */
export const rotatingText = () => `STR.${textOf(base32, 48)}${textOf("0123456789", 8)}`;
export const liveText = () => `eyJ${textOf(base64url, 37)}.${textOf(base64url, 90)}.${textOf(base64url, 86)}`;
