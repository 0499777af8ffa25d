// What must not get lost: IndexedDB, written through to the disk. A write is all or
// nothing, and has happened when its promise is kept.

/** Nothing can be kept: the browser has no storage for us, or it is full. */
export class Unkept extends Error {
  constructor(cause) {
    super("nothing can be kept on this device", { cause });
    this.full = cause?.name === "QuotaExceededError";
  }
}

/** Something of that name is there already. */
export class Taken extends Error {
  constructor(was) {
    super("it is there already");
    this.was = was;
  }
}

// Each store and what its things are named by.
const stores = {
  notes: "name", // one of each: keys, the queue's number, the lease, the clock
  items: ["queue", "counter"], // what the server has not taken yet
  told: ["queue", "counter", "hash"], // what it has not credited, until somebody has read it
  used: "mark", // what was used at this till
};

export class Shelf {
  #db;

  /** Errors: Unkept. */
  static async open(factory = globalThis.indexedDB) {
    const shelf = new Shelf();
    try {
      shelf.#db = await new Promise((resolve, reject) => {
        const asked = factory.open("stempel-till", 1);
        asked.onupgradeneeded = () => { for (const [name, keyPath] of Object.entries(stores)) asked.result.createObjectStore(name, { keyPath }); };
        asked.onsuccess = () => resolve(asked.result);
        asked.onerror = () => reject(asked.error);
        asked.onblocked = () => reject(new Error("blocked"));
      });
      shelf.#db.onversionchange = () => shelf.#db.close(); // a newer version of the app wants it
    } catch (cause) {
      throw new Unkept(cause);
    }
    return shelf;
  }

  /** Reads what belongs together. Errors: Unkept. */
  read(use) { return this.#run("readonly", use); }

  /** Writes all of it or nothing; `use` must await nothing but the shelf. Errors: Unkept, and what `use` throws. */
  write(use) { return this.#run("readwrite", use); }

  async #run(mode, use) {
    let transaction, done;
    try {
      transaction = this.#db.transaction(Object.keys(stores), mode, { durability: "strict" });
      done = new Promise((resolve, reject) => {
        transaction.oncomplete = resolve;
        transaction.onabort = () => reject(transaction.error ?? new Error("aborted"));
      });
      done.catch(() => {}); // told below
    } catch (cause) {
      throw new Unkept(cause);
    }
    let result, wrong;
    try {
      result = await use(new Drawer(transaction));
    } catch (error) {
      wrong = error;
      try { transaction.abort(); } catch { /* it has ended by itself */ }
    }
    try {
      await done;
    } catch (cause) {
      throw wrong && !(wrong instanceof DOMException) ? wrong : new Unkept(wrong ?? cause);
    }
    return result;
  }
}

/** The shelf during one transaction. */
class Drawer {
  #transaction;
  constructor(transaction) { this.#transaction = transaction; }

  get(store, key) { return answer(this.#store(store).get(key)); }
  all(store) { return answer(this.#store(store).getAll()); }
  count(store) { return answer(this.#store(store).count()); }
  put(store, thing) { return answer(this.#store(store).put(thing)); }
  drop(store, key) { return answer(this.#store(store).delete(key)); }
  clear(store) { return answer(this.#store(store).clear()); }

  /** Puts what is not there yet. Errors: Taken. */
  async add(store, key, thing) {
    const was = await this.get(store, key);
    if (was !== undefined) throw new Taken(was);
    return this.put(store, thing);
  }

  #store(name) { return this.#transaction.objectStore(name); }
}

const answer = (request) => new Promise((resolve, reject) => {
  request.onsuccess = () => resolve(request.result);
  request.onerror = () => reject(request.error);
});
