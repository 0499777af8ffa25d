// The queue of one till: what it did without the network, in order, until the server
// has taken it.
import { newPair, publicHalf, sign } from "./item.js";

/** The lease allows no more. */
export class Spent extends Error {}

/** It was sent, or may have been: the server has it, or will. */
export class Sent extends Error {}

/** The server does not know this device's key yet. */
export class Unready extends Error {}

export class Queue {
  registered = false; // in this page: the device may have been restored from an older copy meanwhile
  #shelf;
  #till;

  /** `till` is the id of the till whose queue it is: another till's device may have been this one. */
  constructor(shelf, till) {
    this.#shelf = shelf;
    this.#till = till;
  }

  #note(name) { return `${name} ${this.#till}`; }

  /**
   * Makes the server know this device's key, and learns which numbers it has seen: a
   * device that was restored from an older copy must not give them again. Errors: of
   * Server.ask, Unkept.
   */
  async register(server) {
    let kept = await this.#shelf.read((d) => d.get("notes", this.#note("key")));
    if (!kept) {
      const made = { name: this.#note("key"), pair: await newPair() };
      kept = await this.#shelf.write(async (d) => { // another tab may have been first
        const before = await d.get("notes", made.name);
        if (!before) await d.put("notes", made);
        return before ?? made;
      });
    }
    const { queue, next_counter: next } = await server.ask("POST", "/v1/till/queues", { public_key: await publicHalf(kept.pair) });
    await this.#shelf.write(async (d) => {
      const name = this.#note("counter"), was = await d.get("notes", name);
      await d.put("notes", { name, queue, next: was?.queue === queue ? Math.max(was.next, next) : next });
    });
    this.registered = true;
  }

  /** Whether something can be kept: the server knows the key. Errors: Unkept. */
  async ready() { return Boolean(await this.#shelf.read((d) => d.get("notes", this.#note("counter")))); }

  /**
   * Keeps something for later: what is signed, what people read about it, the marks of
   * its codes, which are good for one of each action, and what the till is called. It is on the disk when this
   * returns. Answers what it is named by. Errors: Unkept, Unready, Taken with {at}, Spent.
   */
  async keep(said, { marks, about, place }) {
    const { pair, ...name } = await this.#shelf.write(async (d) => {
      const { pair } = await d.get("notes", this.#note("key")) ?? {};
      const number = await d.get("notes", this.#note("counter"));
      if (!pair || !number) throw new Unready();
      const lease = said.do === "redeem" ? await d.get("notes", this.#note("lease")) : undefined;
      await d.put("notes", { ...number, next: number.next + 1 });
      return { queue: number.queue, counter: number.next, lease: lease?.text, pair };
    });
    const { text, hash } = await sign({ ...name, ...said }, pair);
    await this.#shelf.write(async (d) => {
      for (const mark of marks) await use(d, mark, said.do, said.captured);
      if (said.do === "redeem") await this.#spend(d, name.lease);
      const { queue, counter } = name;
      await d.put("items", { queue, counter, hash, text, till: this.#till, place, at: said.captured, about: { do: said.do, ...about }, marks: marks.map((mark) => used(mark, said.do)) });
    });
    return [name.queue, name.counter];
  }

  /**
   * Takes back what has not been sent: its codes are good again, and what it took of
   * the lease is there again. Its number stays away. What is being sent is marked so
   * in the same place before it goes out, so it is one or the other. Errors: Sent, Unkept.
   */
  takeBack(key) {
    return this.#shelf.write(async (d) => {
      const item = await d.get("items", key);
      if (!item || item.sent) throw new Sent();
      await d.drop("items", key);
      for (const mark of item.marks) await d.drop("used", mark);
      const lease = item.about.do === "redeem" && await d.get("notes", this.#note("lease"));
      if (lease) await d.put("notes", { ...lease, used: Math.max(0, lease.used - 1) });
    });
  }

  async #spend(d, text) {
    const lease = await d.get("notes", this.#note("lease"));
    if (!lease || lease.text !== text || lease.used >= lease.redemptions) throw new Spent();
    await d.put("notes", { ...lease, used: lease.used + 1 });
  }

  /** The lease as it stands: {text, redemptions, used, expires}, or undefined. Errors: Unkept. */
  lease() { return this.#shelf.read((d) => d.get("notes", this.#note("lease"))); }

  /**
   * Takes a lease as the server gives it. What waits to be sent the server has not
   * counted yet. Errors: Unkept.
   */
  hold({ lease, redemptions, remaining, expires_at: until }) {
    return this.#shelf.write(async (d) => {
      const waiting = (await d.all("items")).filter((item) => item.till === this.#till && item.about.do === "redeem").length;
      const used = redemptions - remaining + waiting;
      await d.put("notes", { name: this.#note("lease"), text: lease, redemptions, used, expires: Date.parse(until) });
    });
  }

  /** There is no lease any more. Errors: Unkept. */
  release() { return this.#shelf.write((d) => d.drop("notes", this.#note("lease"))); }
}

/** What is written down of a code that was used for an action. */
const used = (mark, action) => `${mark} ${action}`;

/** Notes that a code was used for an action. Errors: Taken. */
export const use = (d, mark, action, at) => d.add("used", used(mark, action), { mark: used(mark, action), at });
