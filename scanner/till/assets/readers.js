// All readers of this device at once: whatever reads first is taken. The camera's
// picture lies behind the screens and is seen where a scan is waited for.
import * as camera from "./read/camera.js";
import * as nfc from "./read/nfc.js";
import * as serial from "./read/serial.js";
import * as wedge from "./read/wedge.js";
import { keep } from "./keep.js";
import { pictured, take, troubleText } from "./scan.js";
import { signal } from "./signal.js";

const kinds = { camera, wedge, nfc, serial };

const asks = { nfc_ask: "nfc", serial_ask: "serial" };

/** Troubles that say only that this device has no such reader. */
const silent = /_(unsupported|ask|missing)$/;

/** Screens that tell of the customer before: whose reading fails now must not take their answer for its own. */
const past = ["done", "refused"];

/** Troubles of one reading, which is over: they are told for so long, in ms. */
const fleeting = /^(two_codes|too_long|too_soon|unfinished)$|_(torn|empty|foreign)$/, told = 8000;

export class Readers {
  running; // by name; undefined while nobody may scan
  asking = new Set(); // readers that a button must be pressed for
  trouble = ""; // the code of the last one
  seeing = false; // whether the camera's picture is there
  eye; // what the camera said when it began: {camera, cameras, torch}
  lit = false; // whether its light is on
  settings = keep.get("readers") ?? {}; // of this device: {camera: {…}, wedge: {…}, serial: {…}}, as the readers take them

  constructor(till, finder) {
    this.till = till;
    this.finder = finder;
  }

  /** Reads where a shop is at work, and nowhere else. */
  follow() {
    const { till } = this;
    const wanted = Boolean(till.server.token) && !till.locked && till.screen !== "pair";
    if (wanted && !this.running) this.start();
    if (!wanted && this.running) this.stop();
    this.finder.hidden = !wanted || !this.seeing || !pictured.includes(till.screen) || !(till.online || till.offline.ready);
    this.strip();
  }

  start() {
    this.running = {};
    for (const name of Object.keys(kinds)) this.begin(name);
  }

  begin(name) {
    const eye = name === "camera" && { video: this.finder.querySelector("video"), onReady: (eye) => this.sees(eye) };
    if (eye) {
      this.seeing = true; // the picture must be in view for the camera to begin
      this.finder.hidden = !pictured.includes(this.till.screen);
    }
    this.running[name] = kinds[name].start({
      onRead: (text, reading) => { this.clear(); take(this.till, text, reading); },
      onTrouble: ({ code }) => this.tell(name, code),
      ...this.settings[name], ...eye,
    });
  }

  stop() {
    for (const reader of Object.values(this.running)) reader.stop();
    this.running = undefined;
    this.lit = false;
    this.asking.clear();
  }

  /** Starts one of them anew, after somebody has allowed it, plugged it in or changed its settings. */
  async renew(name) {
    this.clear();
    this.lit &&= name !== "camera";
    const { running } = this;
    await running?.[name].stop();
    if (running && running === this.running) this.begin(name);
  }

  /** Changes a setting of a reader, for good. */
  set(name, setting) {
    this.settings = { ...this.settings, [name]: { ...this.settings[name], ...setting } };
    keep.set("readers", this.settings);
    return this.renew(name);
  }

  /** Lets a reader ask the browser; called when its button is pressed. */
  ask(name) {
    this.asking.delete(name);
    this.running?.[name].ask();
    this.redraw();
  }

  /** Goes on to the next camera of the device. */
  turn() {
    const { cameras, camera: now } = this.eye;
    const at = cameras.findIndex(({ id }) => id === now);
    return this.set("camera", { camera: cameras[(at + 1) % cameras.length].id });
  }

  async light(on) {
    this.lit = await this.running.camera.torch(on) && on;
    this.redraw();
  }

  /** The camera looks, also when it is back after it was lost. */
  sees(eye) {
    const seeing = this.seeing;
    Object.assign(this, { eye, seeing: true });
    if (this.trouble.startsWith("camera_")) this.clear();
    else if (!seeing || eye.torch || eye.cameras.length > 1) this.redraw();
    this.follow();
  }

  clear() {
    if (!this.trouble) return;
    this.trouble = "";
    this.redraw();
  }

  tell(name, code) {
    if (code in asks) this.asking.add(asks[code]);
    if (name === "camera" && (code.startsWith("camera_") || code === "decoder_failed")) this.seeing = this.lit = false;
    const known = name === "camera" && this.trouble === code; // which goes on
    if (!silent.test(code)) this.trouble = code;
    clearTimeout(this.fading);
    const { till } = this;
    if (fleeting.test(code)) {
      this.fading = setTimeout(() => { if (this.trouble === code) this.clear(); }, told);
      if (name !== "camera" || pictured.includes(till.screen)) {
        if (!known) signal("bad", till.sound);
        if (past.includes(till.screen)) till.home();
      }
    }
    this.redraw();
  }

  /** Readers may tell of troubles while they are being started: hence later, and once. */
  redraw() {
    clearTimeout(this.drawing);
    this.drawing = setTimeout(() => {
      if (this.till.screen === "scan" && !this.till.looking) this.till.home();
      else this.strip();
    });
  }

  /** The scan screen tells of all troubles by itself, and of none while a card is looked up. Other screens tell of a reading that failed, above what they show. */
  strip() {
    const { till, trouble } = this;
    const shown = this.running && fleeting.test(trouble) && (till.screen !== "scan" || till.looking);
    const place = document.querySelector("#trouble");
    place.hidden = !shown;
    place.dataset.code = shown ? trouble : "";
    place.textContent = shown ? till.say(troubleText(till, trouble)) : "";
  }
}
