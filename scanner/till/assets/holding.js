// A reward that is held while the customer decides: for a minute no other till can hand
// it out. What units pay is not held.
import { h, icon } from "./dom.js";
import { keep } from "./keep.js";
import { sentence } from "./refusal.js";
import { Unanswered } from "./server.js";

const beat = 250; // ms between looks at the clock
const life = 60; // s, of a hold: more is left only by a clock that is a little off

/** Vouchers that this till holds, until when; kept for when the page is loaded anew. */
const ours = {
  get all() { return keep.get("holds") ?? {}; },
  has({ voucher, reserved_until: until }) { return until !== undefined && this.all[voucher] === Date.parse(until); },
  add({ voucher, reserved_until: until }, now) {
    const live = Object.entries(this.all).filter(([, end]) => end > now);
    keep.set("holds", { ...Object.fromEntries(live), [voucher]: Date.parse(until) });
  },
};

/**
 * Beside an offer's button: one that holds the reward or lets it go, and how long that lasts.
 * `use`, which hands it out, rests while another till holds it. Nothing for what no voucher pays.
 */
export function holding(till, scan, offer, use) {
  if (!offer.voucher) return undefined;
  const hold = new Hold(till, scan, offer, use);
  hold.draw();
  setTimeout(() => hold.run()); // once it is shown
  return [hold.button, hold.line];
}

class Hold {
  keys = {}; // by what is asked for: pressed again without an answer, it is the same
  wrong = ""; // why it did not work
  label = h("span", {});
  told = h("span", { role: "status" });
  clock = h("b", { role: "timer" }); // which nobody is read out each second
  button = h("button", { type: "button", class: "hold", onclick: () => this.press() }, icon("wait"), this.label);
  line = h("p", { class: "held small" }, this.told, " ", this.clock);

  constructor(till, scan, offer, use) {
    Object.assign(this, { till, scan, offer, use });
  }

  get left() { return this.offer.reserved_until ? new Date(this.offer.reserved_until) - this.till.now() : 0; }

  /** Says how things are. `over` is what to say where nobody holds it. */
  draw(over = "") {
    const { till, offer } = this;
    const held = this.left > 0, mine = held && ours.has(offer);
    this.use.disabled = held && !mine;
    this.label.textContent = till.say(mine ? "hold.release" : "hold.button");
    this.button.setAttribute("aria-label", `${this.label.textContent}: ${offer.name}`);
    this.button.dataset.held = mine ? "here" : held ? "somewhere" : "no";
    this.told.textContent = this.wrong || (mine ? till.say("hold.ours") : held ? till.say("reward.held") : over);
    this.told.className = this.wrong ? "wrong" : "";
    this.count();
  }

  count() {
    const n = Math.min(life, Math.ceil(this.left / 1000));
    this.clock.textContent = n > 0 ? this.till.say("span.seconds", { n }) : "";
  }

  /** Counts down while it is shown, and says when the time has run out. */
  run() {
    clearTimeout(this.next);
    if (!this.line.isConnected || !this.offer.reserved_until) return;
    if (this.left > 0) {
      this.count();
      this.next = setTimeout(() => this.run(), beat);
      return;
    }
    delete this.offer.reserved_until;
    this.wrong = "";
    this.draw(this.till.say("hold.over"));
  }

  /** Holds it, or lets go what this till holds. */
  async press() {
    const release = this.button.dataset.held === "here";
    this.button.disabled = true;
    this.wrong = await this.ask(release).finally(() => { this.button.disabled = false; });
    this.draw(this.till.say(release ? "hold.free" : "hold.over"));
    this.button.focus({ preventScroll: true });
    this.line.scrollIntoView({ block: "nearest" });
    this.run();
  }

  /** Asks for it; answers with what went wrong, in words. */
  async ask(release) {
    const { till, scan, offer, keys } = this;
    const what = release ? "release" : "hold";
    keys[what] ??= crypto.randomUUID();
    try {
      const body = { scan: scan.scan, voucher: offer.voucher, ...(release && { release }) };
      const { voucher } = await till.server.ask("POST", "/v1/scans/reserve", body, keys[what]);
      till.connected(true);
      delete keys[what];
      offer.reserved_until = voucher.reserved_until;
      if (!release) ours.add(offer, till.now());
      return "";
    } catch (error) {
      const known = await till.failed(error);
      if (error instanceof Unanswered) return till.say("hold.unanswered");
      if (!error.problem) throw error;
      delete keys[what];
      return known ? "" : this.refused(error.problem);
    }
  }

  refused(problem) {
    if (problem.code !== "reward_reserved") return sentence(problem, this.till.words, this.till.here, this.till.now());
    this.offer.reserved_until = problem.retry_at;
    return this.till.say("hold.theirs");
  }
}
