// A shelf that forgets: what the app's parts are tested on without a browser.
import { Taken } from "../assets/offline/shelf.js";

const keys = { notes: ["name"], items: ["queue", "counter"], told: ["queue", "counter", "hash"], used: ["mark"] };

const byKey = (names, a, b) => names.map((name) => (a[name] > b[name]) - (a[name] < b[name])).find(Boolean) ?? 0;

export class Memory {
  stores = Object.fromEntries(Object.keys(keys).map((name) => [name, new Map()]));
  #turn = Promise.resolve();

  read(use) { return this.write(use); }

  /** One at a time, and all of it or nothing. */
  write(use) {
    const turn = this.#turn.then(async () => {
      const before = Object.fromEntries(Object.entries(this.stores).map(([name, store]) => [name, new Map(store)]));
      try {
        return await use(this);
      } catch (error) {
        this.stores = before;
        throw error;
      }
    });
    this.#turn = turn.catch(() => {});
    return turn;
  }

  async get(store, key) { return this.stores[store].get(String(key)); }
  async all(store) { return [...this.stores[store].values()].sort((a, b) => byKey(keys[store], a, b)); }
  async count(store) { return this.stores[store].size; }
  async put(store, thing) { this.stores[store].set(String(keys[store].map((key) => thing[key])), structuredClone(thing)); }
  async drop(store, key) { this.stores[store].delete(String(key)); }
  async clear(store) { this.stores[store].clear(); }
  async add(store, key, thing) {
    const was = await this.get(store, key);
    if (was !== undefined) throw new Taken(was);
    return this.put(store, thing);
  }
}
