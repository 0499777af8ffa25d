// Customers who tapped the tag on the counter, and wait for somebody here to confirm it.
import { kindOf } from "./card.js";
import { h, icon } from "./dom.js";
import { sentence } from "./refusal.js";
import { tail } from "./scan.js";
import { Unanswered } from "./server.js";
import { signal } from "./signal.js";

const pause = 3000; // ms between streams: so the till also asks by itself
const silence = 40_000; // ms after which a stream counts as broken

/** The texts of a stream of server-sent events (WHATWG HTML §9.2), as its pieces arrive: `hear` is called with the data of each event. */
export function listener(hear) {
  let rest = "";
  return (piece) => {
    const lines = (rest + piece).split("\n");
    rest = lines.pop();
    for (const line of lines) if (line.startsWith("data: ")) hear(JSON.parse(line.slice(6)));
  };
}

export class Approvals {
  waiting = []; // as the server last told
  keys = {}; // of what is being done, by approval and action
  said = ""; // of the last one that did not work

  constructor(till, place) {
    this.till = till;
    this.place = place;
    setInterval(() => this.count(), 500);
  }

  /** Whether any program of the shop asks for approval here. */
  get wanted() {
    const { server, setup } = this.till;
    return Boolean(server.token && setup?.programs.some(({ counter }) => counter?.enabled && counter.approval !== "none"));
  }

  /** Begins to listen, or stops, as the shop's programs want it. */
  follow() {
    if (!this.wanted) {
      this.stream?.abort();
      return this.hear({ approvals: [] });
    }
    this.listening ??= this.listen().finally(() => { this.listening = undefined; });
  }

  async listen() {
    while (this.wanted) {
      await this.once().catch(() => {});
      await new Promise((resolve) => setTimeout(resolve, pause));
    }
  }

  async once() {
    this.stream = new AbortController();
    const { signal: broken } = this.stream;
    const answer = await fetch("/v1/till/approvals", {
      headers: { Accept: "text/event-stream", Authorization: `Bearer ${this.till.server.token}` }, cache: "no-store", signal: broken,
    });
    if (!answer.ok) return this.till.connect(); // which finds out why
    const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
    const take = listener((page) => this.hear(page));
    for (;;) {
      const quiet = setTimeout(() => this.stream.abort(), silence);
      const { done, value } = await reader.read().finally(() => clearTimeout(quiet));
      if (done) return;
      take(value);
    }
  }

  hear({ approvals }) {
    const known = new Set(this.waiting.map(({ id }) => id));
    if (approvals.some(({ id }) => !known.has(id))) {
      signal("ask", this.till.sound);
      this.said = "";
    }
    this.waiting = approvals;
    this.draw();
  }

  left({ expires_at: end }) { return Math.max(0, Math.ceil((new Date(end) - this.till.now()) / 1000)); }

  /** Counts down, and lets go of who has waited too long. */
  count() {
    const live = this.waiting.filter((one) => this.left(one) > 0);
    if (live.length < this.waiting.length) {
      this.waiting = live;
      if (live.length === 0) this.said = "";
      return this.draw();
    }
    for (const one of live) {
      const place = document.getElementById(`left-${one.id}`);
      if (place) place.textContent = this.till.say("span.seconds", { n: this.left(one) });
    }
  }

  draw() {
    const { till } = this;
    this.place.hidden = this.waiting.length === 0 && !this.said;
    if (!till.words) return;
    this.place.setAttribute("aria-label", till.say("approvals"));
    this.place.replaceChildren(
      h("p", { class: "unseen", role: "status" }, this.waiting.length ? till.words.count("approvals.waiting", this.waiting.length) : ""),
      ...[this.said && h("p", { role: "alert", class: "wrong" }, this.said)].filter(Boolean),
      h("ul", {}, this.waiting.map((one) => this.row(one))),
    );
  }

  row(one) {
    const { till } = this;
    const who = till.say("card", { tail: tail({ id: one.card }) });
    const program = till.program(one.program);
    const what = till.words.count(`earn.${program ? kindOf(program) : "points"}`, one.units);
    const button = (what, mark, kind) => h("button", {
      type: "button", class: kind, "aria-label": `${till.say(`approvals.${what}`)}: ${who}`, disabled: this.busy === one.id, onclick: () => this.decide(one, what),
    }, icon(mark), h("span", {}, till.say(`approvals.${what}`)));
    return h("li", {},
      h("p", {}, h("b", {}, who), ` ${what} · ${one.program_name} · `, h("span", { id: `left-${one.id}`, class: "left" }, till.say("span.seconds", { n: this.left(one) }))),
      h("div", { class: "buttons" }, button("refuse", "bad", ""), button("approve", "good", "main")));
  }

  async decide(one, what) {
    const { till } = this;
    if (till.locked) return this.lockedOut();
    this.busy = one.id;
    this.draw();
    const key = (this.keys[`${one.id} ${what}`] ??= crypto.randomUUID()); // pressed again it is the same
    try {
      const answer = await till.server.ask("POST", `/v1/till/approvals/${one.id}/${what}`, undefined, key);
      this.waiting = this.waiting.filter(({ id }) => id !== one.id);
      this.said = "";
      signal(what === "approve" ? "good" : "read", till.sound);
      if (what === "approve") this.approved(answer);
    } catch (error) {
      if (!(await till.failed(error))) {
        if (!error.problem) throw error;
        signal("bad", till.sound);
        this.said = sentence(error.problem, till.words, till.here, till.now());
        if (error.problem.code.startsWith("approval_")) this.waiting = this.waiting.filter(({ id }) => id !== one.id);
      } else if (error instanceof Unanswered) this.said = till.say("offline.short");
    } finally {
      this.busy = undefined;
      this.draw();
    }
  }

  /** Whoever confirms has a name. */
  lockedOut() {
    const { till } = this;
    till.lock();
    signal("bad", till.sound);
    this.said = till.say("approvals.locked");
    this.draw();
  }

  /** It can be taken back, as what was scanned. */
  approved({ card, entries }) {
    const { till } = this;
    const entry = entries.find(({ kind }) => kind === "earn");
    till.last = { entry: entry.id, text: till.words.count(`earn.${kindOf(card)}`, entry.units), card, at: till.now() };
    if (till.screen === "scan") till.home();
  }
}
