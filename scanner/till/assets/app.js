// The till: what it knows, and which screen it shows. Screens are modules of their
// own; each makes its elements from the till and calls it back.
import { Approvals } from "./approvals.js";
import { announceUpdates } from "./update.js";
import { keep } from "./keep.js";
import { Offline } from "./offline/offline.js";
import { waitingScreen } from "./offline/waiting.js";
import { choose, load } from "./words.js";
import { pairScreen } from "./pair.js";
import { Readers } from "./readers.js";
import { scanScreen } from "./scan.js";
import { Server, Refused, Unanswered } from "./server.js";
import { lockScreen, staffScreen } from "./staff.js";
import { resumeScreen } from "./acting.js";
import { top } from "./top.js";
import { wake } from "./signal.js";

const refresh = 5 * 60_000; // ms between looks at the shop's setup
const again = 5000; // ms until a server that did not answer is asked again
const idle = 5 * 60_000; // ms without a touch until the till locks

class Till {
  words; // of the cashier's language
  setup; // as GET /v1/till last answered
  keys; // public ones, of what the server signs
  server;
  sound;
  online = navigator.onLine;
  offline = new Offline(this);
  staff; // who is signed in
  until; // when that ends, ms
  resumed = false; // whether a cold start without network goes on with who was there before
  last; // the last action that can be undone: {entry, text, gone, chosen, card, at, scan, before}, where `gone` says what is taken back, and `before` is the one before it of the same scan
  looking; // the text that is being looked up
  taken; // the text that was read last, where one was waited for
  unsent; // the last action that was kept here and not sent yet: {key, text, tail, at}
  done; // the card that was served last: {card, at}
  asked = new Set(); // of which programs' versions the setup was asked for
  leave = () => {}; // of the screen that is shown
  screen = ""; // its name

  async start() {
    await this.offline.open();
    await this.speak(keep.get("language") ?? choose(navigator.languages));
    this.server = new Server(keep.get("token"));
    this.setup = keep.get("setup");
    this.keys = keep.get("keys") ?? [];
    this.sound = keep.get("sound") ?? true;
    await this.offline.follow();
    this.readers = new Readers(this, document.querySelector("#finder"));
    this.approvals = new Approvals(this, document.querySelector("#waiting"));
    addEventListener("online", () => this.connect());
    addEventListener("offline", () => this.connected(false));
    document.addEventListener("visibilitychange", () => { if (!document.hidden) this.connect(); });
    for (const touch of ["pointerdown", "keydown"]) addEventListener(touch, () => this.touched(), true);
    setInterval(() => this.connect(), refresh);
    announceUpdates(this);
    addEventListener("hashchange", () => this.invited());
    await this.begin();
  }

  /** Shows the first screen, in the order of what is needed before anything else. */
  async begin() {
    if (this.invited()) return;
    if (!this.server.token) return pairScreen(this, { why: keep.get("forgotten") });
    this.dress();
    this.connect();
    if (!this.online) this.resume();
    this.home();
  }

  /** A pairing code in the address opens the pairing screen, filled in; it must not stay in the history. */
  invited() {
    const code = decodeURIComponent(location.hash.slice(1));
    if (!code) return false;
    history.replaceState(null, "", location.pathname);
    this.invitation = code; // should this till turn out to be none any more
    if (this.server.token) return false;
    pairScreen(this, { code });
    return true;
  }

  /** Where the till waits for the next customer. */
  home() {
    if (keep.get("action") && (this.online || !this.offline.ready)) return resumeScreen(this);
    if (this.locked) return staffScreen(this);
    scanScreen(this);
  }

  /** Once somebody has signed in, nobody acts here without a name. Whoever was there before a cold start proves it as soon as there is a network. */
  get locked() {
    if (keep.get("staffed") !== true) return false;
    return !this.staff || (this.until ?? Infinity) < this.now() || (this.resumed && this.online);
  }

  /** The server's time, ms since 1970, as far as it is known. */
  now() { return this.offline.clock.now(); }

  /** What sentences need to know of this place. */
  get here() { return { till: this.setup?.till.id, zone: this.setup?.location.zone }; }

  program(id) { return this.setup?.programs.find((program) => program.id === id); }

  async speak(language) {
    this.words = await load(language);
    keep.set("language", language);
    document.documentElement.lang = language;
    document.title = this.words.say("title");
    this.approvals?.draw();
  }

  say(id, values) { return this.words.say(id, values); }

  /** Shows a screen: its elements, and what to do when it is left. */
  show(name, content, { leave = () => {}, focus } = {}) {
    this.leave();
    this.leave = leave;
    this.screen = name;
    document.body.dataset.screen = name;
    const main = document.querySelector("#screen");
    main.replaceChildren(...[content].flat().filter(Boolean));
    main.scrollTop = 0;
    top(this);
    this.readers?.follow();
    (focus ?? main).focus({ preventScroll: true });
  }

  /** Asks how things are: whether there is a network, what the shop is now, and whether this till still is one. */
  async connect() {
    if (!this.server.token) return this.connected(navigator.onLine);
    try {
      const sent = performance.now();
      const setup = await this.server.ask("GET", "/v1/till");
      const told = (sent + performance.now()) / 2;
      const { keys } = await this.server.ask("GET", "/.well-known/jwks.json");
      const first = !this.setup;
      Object.assign(this, { setup, keys });
      keep.set("setup", setup);
      keep.set("keys", keys);
      await this.offline.contact(setup, told);
      this.dress();
      this.connected(true);
      if (first) this.home();
    } catch (error) {
      if (!(await this.failed(error)) && !(error instanceof Refused)) throw error;
    }
  }

  /**
   * Asks for the setup anew, where a card is of a program or a version that it does not
   * have; of each once, for programs that have ended are never in it. False where this
   * is no till any more, or is locked.
   */
  async learn({ program, program_version: version }) {
    const told = `${program} ${version}`;
    if (this.program(program)?.version === version || this.asked.has(told)) return true;
    await this.connect();
    if (this.online) this.asked.add(told);
    return this.serving;
  }

  /** Whether somebody can be served here now. */
  get serving() { return Boolean(this.server.token) && !this.locked; }

  /** Takes note of an error that is about the till itself. Errors of an action are the screens' to tell. */
  async failed(error) {
    if (error instanceof Unanswered) {
      this.connected(false);
      return true;
    }
    if (!(error instanceof Refused)) return false;
    const { code } = error.problem;
    if (code === "till_revoked" || code === "unauthorized") this.forget("pair.revoked");
    else if (code === "shift_ended") this.lock();
    else return false;
    return true;
  }

  connected(now) {
    clearTimeout(this.retry);
    if (!now && this.server.token) this.retry = setTimeout(() => this.connect(), again);
    if (this.online === now) return;
    this.online = now;
    if (!now) this.resume();
    if (now && this.alone) this.lock();
    if (this.screen === "scan") this.home();
    if (this.screen === "lock") lockScreen(this);
    top(this);
  }

  /** Without a network nobody can sign in, so a cold start goes on with a shift that has not ended. */
  resume() {
    const { staff, shift, until } = keep.get("shift") ?? {};
    if (this.staff || !shift || !this.offline.ready || until < this.now()) return;
    Object.assign(this, { staff, until, resumed: true });
    this.server.shift = shift;
    if (this.screen === "staff") this.home();
  }

  /** What waits to be sent, or what became of it, is another. */
  changed() {
    if (this.screen === "scan" && !this.looking) this.home();
    if (this.screen === "waiting") waitingScreen(this);
  }

  /** The device is a till from now on. */
  async paired({ token }) {
    navigator.storage?.persist?.(); // asks that what is kept is not cleared away
    keep.set("token", token);
    keep.drop("forgotten");
    this.invitation = undefined;
    this.server = new Server(token);
    this.setup = undefined;
    this.online = true;
    await this.connect();
  }

  /** The device is no till any more. */
  forget(why) {
    keep.drop("token", "setup", "keys", "staffed", "shift", "action", "codes", "holds");
    if (why) keep.set("forgotten", why); // who opens the app tomorrow is to know, too
    Object.assign(this, { server: new Server(), setup: undefined, staff: undefined, last: undefined, done: undefined, kept: undefined, unsent: undefined });
    this.offline.leave();
    this.dress();
    pairScreen(this, { why, code: this.invitation });
  }

  signIn({ staff, shift, expires_at: ends }) {
    Object.assign(this, { staff, until: Date.parse(ends), resumed: false });
    this.server.shift = shift;
    keep.set("staffed", true);
    keep.set("shift", { staff, shift, until: this.until });
    this.touched();
    this.home();
  }

  lock() {
    if (this.staff === undefined && !this.locked) return;
    this.staff = undefined;
    this.server.shift = undefined;
    this.last = undefined;
    keep.drop("shift");
    staffScreen(this, { locked: true });
  }

  /** Nobody has touched it for a while. Without network nobody could unlock it again. */
  left() {
    this.alone = !this.online;
    if (this.online) this.lock();
  }

  touched() {
    wake();
    this.alone = false;
    clearTimeout(this.idle);
    if (this.staff) this.idle = setTimeout(() => this.left(), idle);
  }

  /** The merchant's colours, where there are any. */
  dress() {
    const { background, foreground, label, accent } = this.setup?.colors ?? {};
    const style = document.documentElement.style;
    for (const [name, color] of Object.entries({ "--brand": background, "--on-brand": foreground, "--soft": label, "--accent": accent })) {
      if (color) style.setProperty(name, color);
      else style.removeProperty(name);
    }
    this.approvals.follow();
    if (this.screen) top(this);
  }
}

new Till().start();
