// All readers of this device at once: whatever reads first is taken. The camera's
// picture lies behind the screens and is seen where a scan is waited for.
import * as camera from "./read/camera.js";
import * as nfc from "./read/nfc.js";
import * as serial from "./read/serial.js";
import * as wedge from "./read/wedge.js";
import { pictured, take } from "./scan.js";

const asks = { nfc_ask: "nfc", serial_ask: "serial" };

/** Troubles that say only that this device has no such reader. */
const silent = /_(unsupported|ask|missing)$/;

export class Readers {
  running; // by name; undefined while nobody may scan
  asking = new Set(); // readers that a button must be pressed for
  trouble = ""; // the code of the last one
  seeing = false; // whether the camera's picture is there

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
  }

  start() {
    const each = (name, more = {}) => ({
      onRead: (text, reading) => { this.clear(); take(this.till, text, reading); },
      onTrouble: ({ code }) => this.tell(name, code),
      ...more,
    });
    this.seeing = true; // the picture must be in view for the camera to begin
    this.finder.hidden = !pictured.includes(this.till.screen);
    this.running = {
      camera: camera.start(each("camera", { video: this.finder.querySelector("video"), onReady: () => this.clear() })),
      wedge: wedge.start(each("wedge")),
      nfc: nfc.start(each("nfc")),
      serial: serial.start(each("serial")),
    };
  }

  stop() {
    for (const reader of Object.values(this.running)) reader.stop();
    this.running = undefined;
    this.asking.clear();
  }

  /** Lets a reader ask the browser; called when its button is pressed. */
  ask(name) {
    this.asking.delete(name);
    this.running?.[name].ask();
    this.redraw();
  }

  /** Starts the camera anew, after somebody has allowed it or plugged it in. */
  retry() {
    this.clear();
    this.stop();
    this.start();
  }

  clear() {
    if (!this.trouble) return;
    this.trouble = "";
    this.redraw();
  }

  tell(name, code) {
    if (code in asks) this.asking.add(asks[code]);
    if (name === "camera" && (code.startsWith("camera_") || code === "decoder_failed")) this.seeing = false;
    if (!silent.test(code)) this.trouble = code;
    this.redraw();
  }

  /** Readers may tell of troubles while they are being started: hence later, and once. */
  redraw() {
    clearTimeout(this.drawing);
    this.drawing = setTimeout(() => { if (this.till.screen === "scan" && !this.till.looking) this.till.home(); });
  }
}
