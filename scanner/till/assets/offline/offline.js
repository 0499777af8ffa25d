// Going on without the network: what this till may do by itself, what waits to be
// sent, and sending it as soon as somebody answers.
import { keep } from "../keep.js";
import { Refused, Unanswered, pause } from "../server.js";
import { Clock } from "./clock.js";
import { Declined } from "./declined.js";
import { Queue, Sent, Spent, Unready, use } from "./queue.js";
import { Shelf, Taken, Unkept } from "./shelf.js";
import { sync } from "./sync.js";

/** How long what was used here is remembered, in ms: longer than any code is good that can be used but once. */
const remembered = 72 * 3_600_000;

export class Offline {
  clock = new Clock();
  waiting = []; // what this till has to send, oldest first: {at, about, refused?}
  elsewhere = new Map(); // how many items are of tills that this device was before, by name
  told = []; // what the server has not credited, oldest first: {at, about, code, detail}
  report; // what became of what was sent, until somebody has read it: {posted, contested}
  lease; // {redemptions, used, expires}, or undefined
  blocked = false; // whether the server takes nothing from this till for now
  ready = false; // whether the server knows this device's key

  #shelf;
  #queue;
  #of; // the till whose queue that is
  #others = []; // items of tills that this device was before
  #shown; // how things stood when that was last told
  #copying;
  #tending;
  #more = false; // something came while it was tended
  #tries = 0;

  /** `till` is asked for its server, its setup and its keys, and told when something has changed here. */
  constructor(till) {
    this.till = till;
    this.channel = new BroadcastChannel("stempel-till");
    this.channel.onmessage = () => this.count();
  }

  /** Whether anything can be kept on this device at all. */
  get able() { return Boolean(this.#shelf); }

  async open() {
    try {
      if (!globalThis.crypto?.subtle || !navigator.locks) throw new Unkept(); // browsers give them to https alone
      this.#shelf = await Shelf.open();
      const { clock, till } = await this.#shelf.write(async (d) => {
        const clock = await d.get("notes", "clock");
        for (const { mark, at } of await d.all("used")) if (at < (clock?.least ?? 0) - remembered) await d.drop("used", mark);
        return { clock, till: await d.get("notes", "till") };
      });
      if (clock) this.clock.resume(clock);
      if (till) keep.restore(till);
      keep.changed = () => this.#copy();
    } catch (error) {
      if (!(error instanceof Unkept)) throw error;
      this.#failed(error);
    }
  }

  /** Copies what the till keeps elsewhere to where it is safe; several changes at once. */
  #copy() {
    this.#copying ??= Promise.resolve().then(() => {
      this.#copying = undefined;
      return this.#note({ name: "till", ...keep.all() });
    });
  }

  /** Writes something down that can also be done without. */
  async #note(note) {
    try {
      await this.#shelf?.write((d) => d.put("notes", note));
    } catch (error) {
      if (!(error instanceof Unkept)) throw error;
      this.#failed(error);
    }
  }

  /** Works for the till that this device is. */
  follow() {
    const id = this.till.setup?.till.id;
    if (id && id !== this.#of && this.#shelf) {
      this.#queue = new Queue(this.#shelf, id);
      this.#of = id;
    }
    return this.count();
  }

  /** This device is no till any more. What waits stays, until it is that till again. */
  leave() {
    this.#sort([...this.waiting, ...this.#others]);
    this.#queue = this.#of = this.lease = undefined;
    this.ready = this.blocked = false;
    clearTimeout(this.again);
  }

  /** The server answered how things are, when the browser's clock showed `when`. */
  async contact(setup, when) {
    this.clock.set(Date.parse(setup.now), when);
    if (!this.#shelf) return;
    await this.keepClock();
    await this.follow();
    this.tend();
  }

  /** Sends what waits, and prepares for the next time without network. In one tab at a time. */
  tend() {
    clearTimeout(this.again);
    if (this.#tending) this.#more = true;
    if (this.#tending || !this.#queue || !this.till.server.token) return;
    this.#more = false;
    this.#tending = navigator.locks.request("stempel-till", () => this.#tend()).catch((error) => this.#untended(error)).finally(() => {
      this.#tending = undefined;
      if (this.#more) this.tend();
    });
  }

  async #tend() {
    const { server, setup } = this.till, queue = this.#queue;
    const first = !queue.registered; // in this page
    if (first) await queue.register(server);
    const later = await sync(this.#shelf, server, setup.till.id, first);
    this.blocked = false;
    await this.#renew(queue, server, setup.offline);
    await this.count(true);
    if (later) this.#later();
    else this.#tries = 0;
  }

  /** A lease is taken anew when some of it was used, or when half of its time is over. */
  async #renew(queue, server, { redemptions, hours }) {
    const lease = await queue.lease();
    if (redemptions === 0) return queue.release();
    const fresh = lease && lease.used === 0 && lease.redemptions === redemptions && lease.expires - this.clock.now() > hours * 1_800_000;
    if (fresh) return undefined;
    try {
      return await queue.hold(await server.ask("POST", "/v1/till/leases", {}));
    } catch (error) {
      if (error instanceof Refused && error.problem.code === "lease_not_allowed") return queue.release();
      throw error;
    }
  }

  async #untended(error) {
    if (error instanceof Unkept) this.#failed(error);
    else if (error instanceof Refused) await this.#refused(error);
    else if (!(error instanceof Unanswered)) throw error;
    this.#later();
    await this.count(true);
  }

  /** It may be no till any more, or one that may hand out nothing for now. */
  async #refused(error) {
    if (await this.till.failed(error) || error.problem.code !== "till_blocked") return;
    this.blocked = true;
    await this.#queue?.release();
  }

  #later() { this.again = setTimeout(() => this.tend(), 4 * pause(this.#tries++)); }

  /** Looks at what there is; `tell` says so to the other tabs. */
  async count(tell = false) {
    if (!this.#shelf) return;
    try {
      const id = this.till.setup?.till.id;
      const { items, told, report } = await this.#shelf.read(async (d) => ({ items: await d.all("items"), told: await d.all("told"), report: await d.get("notes", "report") }));
      this.#sort(items, id);
      this.told = told;
      this.report = report;
      this.ready = Boolean(await this.#queue?.ready());
      this.lease = await this.#queue?.lease();
    } catch (error) {
      if (!(error instanceof Unkept)) throw error;
      this.#failed(error);
    }
    if (tell) this.channel.postMessage("changed");
    const { waiting, told, report, lease, ready, blocked } = this;
    const shown = JSON.stringify([waiting.map((item) => [item.hash, item.refused, item.sent]), told.length, report, lease, ready, blocked]);
    if (shown !== this.#shown) this.till.changed(); // nobody is interrupted for nothing
    this.#shown = shown;
  }

  /** Tells apart what this till has to send and what another one has. */
  #sort(items, id) {
    this.waiting = items.filter((item) => item.till === id);
    this.#others = items.filter((item) => item.till !== id);
    this.elsewhere = new Map();
    for (const { place } of this.#others) this.elsewhere.set(place, (this.elsewhere.get(place) ?? 0) + 1);
  }

  /** How many rewards may still be handed out, until lease.expires. */
  get left() {
    const { lease } = this;
    return lease && lease.expires > this.clock.now() ? Math.max(0, lease.redemptions - lease.used) : 0;
  }

  /** When what waits longest will not be credited any more, in ms; undefined when nothing waits. */
  get deadline() {
    const [oldest] = this.waiting.filter((item) => !item.refused);
    return oldest && oldest.at + this.till.setup.offline.horizon_seconds * 1000;
  }

  /** When a mark was used here for an action, in ms. Errors: Declined. */
  async usedAt(mark, action) {
    const used = await this.#safe(this.#shelf.read((d) => d.get("used", `${mark} ${action}`)));
    return used?.at;
  }

  /** Remembers what the clock has learned. */
  keepClock() { return this.#note({ name: "clock", ...this.clock.kept }); }

  /** What a shelf answers; where it cannot, nothing is accepted. Errors: Declined, and what is not the shelf's. */
  async #safe(answer) {
    try {
      return await answer;
    } catch (error) {
      this.#failed(error);
      if (error instanceof Unkept) throw new Declined(error.full ? "offline_full" : "offline_unkept");
      throw error;
    }
  }

  /** What was used here before, as a problem says it. */
  here(at) { return { at: new Date(at).toISOString(), till: this.till.setup.till.id }; }

  /** Keeps an earning: `units` or `purchase` where the program wants one. It is safe when this returns, with what takeBack takes. Errors: Declined. */
  earn(presented, said, about) { return this.#keep(presented, { do: "earn", ...said }, about); }

  /** Keeps a redemption of a voucher. It is safe when this returns, with what takeBack takes. Errors: Declined. */
  redeem(presented, { text, voucher }, about) {
    return this.#keep(presented, { do: "redeem", voucher, statement: text }, about, `voucher ${voucher}`);
  }

  async #keep({ read, channel, mark, tail, at }, said, about, ...more) {
    const { setup, server } = this.till;
    const whole = { captured: at, contact: setup.offline.contact, shift: server.shift, credential: read, channel, ...said };
    let key;
    try {
      key = await this.#safe(this.#queue.keep(whole, { marks: [mark, ...more].filter(Boolean), about: { tail, ...about }, place: setup.till.name }));
    } catch (error) {
      if (error instanceof Unready) throw new Declined("offline_unkept"); // it was signed out meanwhile
      if (error instanceof Spent) throw new Declined("lease_exhausted");
      if (error instanceof Taken) throw new Declined("credential_already_used", { used: this.here(error.was.at) });
      throw error;
    }
    await this.count(true);
    if (this.till.online) this.tend();
    return key;
  }

  /** Whether what was kept can still be taken back: it has not been sent. */
  retractable(key) { return this.waiting.some((item) => !item.sent && item.queue === key[0] && item.counter === key[1]); }

  /** Takes back what was kept, before it is sent. Errors: Declined. */
  async takeBack(key) {
    try {
      if (!this.#queue) throw new Sent();
      await this.#safe(this.#queue.takeBack(key));
    } catch (error) {
      if (error instanceof Sent) throw new Declined("already_sent");
      throw error;
    } finally {
      await this.count(true);
    }
  }

  /** Whether some of what was sent was not credited. */
  get bad() { return this.report?.contested > 0; }

  /** Notes that a code was used with the network, so that it is not taken again without. Good news of what was sent before is old by then. */
  async note(mark, action) {
    if (this.report && !this.bad) await this.seen();
    if (mark && this.#shelf) await this.#shelf.write((d) => use(d, mark, action, this.clock.now())).catch(() => {}); // the server knows, too
  }

  /** Somebody has read what became of what was sent. */
  async seen() {
    try {
      await this.#shelf.write(async (d) => {
        await d.clear("told");
        await d.drop("notes", "report");
      });
    } catch (error) {
      if (!(error instanceof Unkept)) throw error;
      this.#failed(error);
    }
    await this.count(true);
  }

  /** Takes note that nothing can be kept any more. A disk that is full is no such thing: what is sent makes room. */
  #failed(error) {
    if (!(error instanceof Unkept) || error.full) return;
    this.#shelf = this.#queue = undefined;
    this.till.changed();
  }
}
