// What outlives the page, on this device alone: the till's token, what the till
// last knew of its shop, and an action that has not been answered. No PIN is ever
// kept.
//
// Browsers write localStorage to the disk when they please, and a tablet whose battery
// runs out loses the last of it. So whoever has a safer place is told of each change,
// and may put back what is newer there.

const prefix = "stempel.till.";

const write = (name, value) => localStorage.setItem(prefix + name, JSON.stringify(value));

function count() {
  write("changes", (keep.get("changes") ?? 0) + 1);
  keep.changed();
}

export const keep = {
  changed() {}, // called after each change

  get(name) {
    try { return JSON.parse(localStorage.getItem(prefix + name)) ?? undefined; } catch { return undefined; }
  },
  set(name, value) {
    write(name, value);
    count();
  },
  drop(...names) {
    for (const name of names) localStorage.removeItem(prefix + name);
    count();
  },

  /** All of it, and how many changes made it what it is. */
  all() {
    const names = Object.keys(localStorage).filter((name) => name.startsWith(prefix)).map((name) => name.slice(prefix.length));
    return { changes: this.get("changes") ?? 0, kept: Object.fromEntries(names.map((name) => [name, this.get(name)])) };
  },

  /** Puts back what all() has answered, where it is newer. */
  restore({ changes, kept }) {
    if (changes <= (this.get("changes") ?? 0)) return;
    for (const name of Object.keys(this.all().kept)) localStorage.removeItem(prefix + name);
    for (const [name, value] of Object.entries(kept)) write(name, value);
  },
};
