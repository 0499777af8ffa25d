// Customers who tapped the tag on the counter, and wait for somebody here to confirm it.
import { kindOf } from "./card.js";
import { h, icon } from "./dom.js";
import { pinScreen } from "./pin.js";
import { sentence } from "./refusal.js";
import { tail } from "./scan.js";
import { Unanswered } from "./server.js";
import { signal } from "./signal.js";

const pause = 3000; // ms between streams, and between questions where no stream tells anything
const silence = 20_000; // ms after which a stream counts as broken: something comes every 15 s

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
  told = false; // whether a stream tells who waits

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
    await Promise.all([this.again(() => this.once()), this.again(() => this.ask())]);
  }

  async again(what) {
    while (this.wanted) {
      await what().catch(() => {});
      await new Promise((resolve) => setTimeout(resolve, pause));
    }
  }

  /** Asks for the plain list as long as no stream tells anything: streams may be refused, or kept back on their way. */
  async ask() {
    const { till } = this;
    if (this.told || !till.online) return;
    try {
      const page = await till.server.ask("GET", "/v1/till/approvals");
      const known = this.told || !this.wanted || JSON.stringify(page.approvals) === JSON.stringify(this.waiting);
      if (!known) this.hear(page);
    } catch (error) {
      await till.failed(error);
    }
  }

  /** One stream, until it ends. */
  async once() {
    this.stream = new AbortController();
    const { signal: broken } = this.stream;
    const answer = await fetch("/v1/till/approvals", {
      headers: { Accept: "text/event-stream", Authorization: `Bearer ${this.till.server.token}` }, cache: "no-store", signal: broken,
    });
    if (!answer.ok) return;
    const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
    const take = listener((page) => {
      this.told = true;
      this.hear(page);
    });
    try {
      for (;;) {
        const quiet = setTimeout(() => this.stream.abort(), silence);
        const { done, value } = await reader.read().finally(() => clearTimeout(quiet));
        if (done) return;
        take(value);
      }
    } finally {
      this.told = false;
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

  /** What it is worth, in words. */
  what({ program: id, units }) {
    const program = this.till.program(id);
    return this.till.words.count(`earn.${program ? kindOf(program) : "points"}`, units);
  }

  row(one) {
    const { till } = this;
    const who = till.say("card", { tail: tail({ id: one.card }) });
    const button = (what, mark, kind) => h("button", {
      type: "button", class: kind, "aria-label": `${till.say(`approvals.${what}`)}: ${who}`, disabled: this.busy === one.id, onclick: () => this.decide(one, what),
    }, icon(mark), h("span", {}, till.say(`approvals.${what}`)));
    return h("li", {},
      h("p", {}, h("b", {}, who), ` ${this.what(one)} · ${one.program_name} · `, h("span", { id: `left-${one.id}`, class: "left" }, till.say("span.seconds", { n: this.left(one) }))),
      h("div", { class: "buttons" }, button("refuse", "bad", ""), button("approve", "good", "main")));
  }

  /** Approves or refuses; with a PIN what a limit holds back. */
  async decide(one, what, pin) {
    const { till } = this;
    if (till.locked) return this.lockedOut();
    this.busy = one.id;
    this.draw();
    const key = (this.keys[`${one.id} ${what}${pin ? " with a PIN" : ""}`] ??= crypto.randomUUID()); // pressed again it is the same
    try {
      const answer = await till.server.ask("POST", `/v1/till/approvals/${one.id}/${what}`, pin && { pin }, key);
      this.waiting = this.waiting.filter(({ id }) => id !== one.id);
      this.said = "";
      signal(what === "approve" ? "good" : "read", till.sound);
      if (what === "approve") this.approved(answer);
      if (pin || till.screen === "scan") till.home();
    } catch (error) {
      if (!(await till.failed(error))) {
        if (!error.problem) throw error;
        this.refused(one, what, error.problem, pin);
      } else if (error instanceof Unanswered) {
        this.said = till.say("offline.short");
        if (pin) till.home();
      }
    } finally {
      this.busy = undefined;
      this.draw();
    }
  }

  refused(one, what, problem, pin) {
    const { till } = this;
    const said = sentence(problem, till.words, till.here, till.now());
    signal("bad", till.sound);
    if (problem.code.startsWith("approval_")) this.waiting = this.waiting.filter(({ id }) => id !== one.id);
    const mistyped = problem.code === "pin_wrong" || problem.code === "pin_locked";
    const free = pin || (till.screen !== "sending" && till.screen !== "pin"); // nobody types for something else
    if (mistyped || (problem.needs && free)) return this.type(one, what, problem.needs ?? "manager", said);
    this.said = said;
    if (pin) till.home();
  }

  /** Asks for the PIN there and then: the customer waits for seconds only. */
  type(one, what, role, wrong) {
    const { till } = this;
    this.said = "";
    pinScreen(till, {
      title: till.say(`pin.${role}`), why: till.say("pin.why", { what: this.what(one) }), wrong,
      cancel: () => till.home(),
      use: (pin) => this.decide(one, what, pin),
    });
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
    const text = till.words.count(`earn.${kindOf(card)}`, entry.units);
    till.last = { entry: entry.id, text, gone: text, card, at: till.now() };
  }
}
