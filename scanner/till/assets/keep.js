// What outlives the page, on this device alone: the till's token, what the till
// last knew of its shop, and an action that has not been answered. No PIN is ever
// kept.

const prefix = "stempel.till.";

export const keep = {
  get(name) {
    try { return JSON.parse(localStorage.getItem(prefix + name)) ?? undefined; } catch { return undefined; }
  },
  set(name, value) { localStorage.setItem(prefix + name, JSON.stringify(value)); },
  drop(...names) { for (const name of names) localStorage.removeItem(prefix + name); },
};
