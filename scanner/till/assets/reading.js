// How this device reads: its camera, its barcode gun, its NFC reader. What is set here
// is kept on the device and holds at once; what is read meanwhile is shown and not used.
import { h } from "./dom.js";

/** Most ms between two keys of a gun: most need less than half of the first, a few by Bluetooth most of the second. */
const gaps = { quick: 50, slow: 120 };

const speeds = [9600, 19200, 38400, 57600, 115200];

/** `read` is the text that was read last. */
export function readingScreen(till, { read } = {}) {
  const { readers } = till;
  const { wedge = {}, serial = {} } = readers.settings;
  const choices = (name, all, chosen, set) => [
    h("h3", { id: name }, till.say(name)),
    h("div", { class: "choices", role: "group", "aria-labelledby": name }, all.map(([value, label]) => h("button", {
      type: "button", "aria-pressed": String(value === chosen), onclick: async () => { await set(value); readingScreen(till); },
    }, label))),
  ];
  const text = (name) => [
    h("label", { for: name }, till.say(`reading.${name}`)),
    h("input", {
      id: name, class: "plain", value: wedge[name] ?? "", maxlength: 8, autocomplete: "off", autocapitalize: "none", autocorrect: "off", spellcheck: "false",
      onchange: (event) => readers.set("wedge", { [name]: event.target.value }),
    }),
  ];
  const { cameras = [], camera } = readers.eye ?? {};
  const chosen = readers.settings.camera?.camera ?? camera;
  till.show("reading", h("div", { class: "sheet long" },
    h("div", { class: "body" },
      h("h1", {}, till.say("reading")),
      h("p", { class: "notice", role: "status" }, read === undefined ? till.say("reading.try") : till.say("reading.read", { text: shortened(read), n: read.length })),
      h("section", { class: "panel" },
        h("h2", {}, till.say("reading.camera")),
        cameras.length > 1 ? choices("reading.which", cameras.map(({ id, label }, i) => [id, label || till.say("reading.nth", { n: i + 1 })]), chosen, (id) => readers.set("camera", { camera: id }))
          : h("p", { class: "small" }, till.say(cameras.length ? "reading.one" : "reading.no_camera"))),
      h("section", { class: "panel" },
        h("h2", {}, till.say("reading.gun")),
        choices("reading.layout", [["os", till.say("reading.layout.os")], ["us", till.say("reading.layout.us")]], wedge.layout ?? "os", (layout) => readers.set("wedge", { layout })),
        choices("reading.gap", Object.entries(gaps).map(([pace, gap]) => [gap, till.say(`reading.gap.${pace}`)]), wedge.gap ?? gaps.quick, (gap) => readers.set("wedge", { gap })),
        text("prefix"), text("suffix")),
      "serial" in navigator && h("section", { class: "panel" },
        h("h2", {}, till.say("reading.serial")),
        choices("reading.speed", speeds.map((speed) => [speed, till.words.number.format(speed)]), serial.baudRate ?? speeds[0], (baudRate) => readers.set("serial", { baudRate })),
        choices("reading.lines", [["text", till.say("reading.lines.text")], ["hex", till.say("reading.lines.hex")]], serial.lines ?? "text", (lines) => readers.set("serial", { lines })))),
    h("button", { type: "button", class: "main", onclick: () => till.home() }, till.say("back")),
  ));
}

/** A code is worth something: its beginning shows what a reader adds, and its end likewise. */
const shortened = (text) => (text.length > 16 ? `${text.slice(0, 6)}…${text.slice(-4)}` : text);
