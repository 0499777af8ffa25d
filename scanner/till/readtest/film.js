// Films for Chromium's fake camera: QR codes on a grey counter, as YUV4MPEG2.
import { writeFile } from "node:fs/promises";

import qrcode from "qrcode-generator";

import { modulesOf } from "../../../passes/web/assets/qr.js";

export const width = 640, height = 480, rate = 20;

/** A code as the card's page draws it: version 3, for upper-case texts of up to 61 characters. */
export const drawn = (text) => modulesOf(text);

/** Any code, in the smallest version that holds it; with bytes, each character is one, else UTF-8. */
export function encoded(text, { level = "M", bytes = false } = {}) {
  const code = qrcode(0, level);
  code.addData(bytes ? text : Buffer.from(text).toString("latin1"), "Byte");
  code.make();
  const side = code.getModuleCount();
  return Array.from({ length: side }, (_, y) => Array.from({ length: side }, (_, x) => code.isDark(y, x)));
}

/**
 * One frame: its brightness. Codes are { modules, x, y, size }, in pixels without the
 * quiet zone; tilt turns them (radians), as a hand does. The corner at the top left is
 * white while a code is in view, so that a test can tell from outside.
 */
export function frame(codes = []) {
  const luma = new Uint8Array(width * height).fill(110);
  for (const { modules, x, y, size, tilt = 0, inverted = false } of codes) {
    const side = modules.length, module = size / side, quiet = 4 * module, half = size / 2;
    const cos = Math.cos(tilt), sin = Math.sin(tilt), reach = Math.ceil((half + quiet) * 1.5);
    for (let py = Math.max(0, Math.floor(y + half - reach)); py < Math.min(height, y + half + reach); py++) {
      for (let px = Math.max(0, Math.floor(x + half - reach)); px < Math.min(width, x + half + reach); px++) {
        const dx = px + 0.5 - x - half, dy = py + 0.5 - y - half;
        const u = dx * cos + dy * sin + half, v = dy * cos - dx * sin + half;
        if (u < -quiet || v < -quiet || u >= size + quiet || v >= size + quiet) continue;
        const dark = modules[Math.floor(v / module)]?.[Math.floor(u / module)] ?? false;
        luma[py * width + px] = dark !== inverted ? 25 : 225;
      }
    }
  }
  const corner = codes.length ? 235 : 16;
  for (let y = 0; y < 16; y++) luma.fill(corner, y * width, y * width + 16);
  return luma;
}

/** Writes frames, each as often as said, and returns what Chromium is to be started with. */
export async function film(path, scenes) {
  const chroma = Buffer.alloc((width * height) / 2, 128);
  const parts = [Buffer.from(`YUV4MPEG2 W${width} H${height} F${rate}:1 Ip A1:1 C420\n`)];
  for (const [luma, times] of scenes) {
    for (let i = 0; i < times; i++) parts.push(Buffer.from("FRAME\n"), Buffer.from(luma.buffer), chroma);
  }
  await writeFile(path, Buffer.concat(parts));
  return ["--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream", `--use-file-for-fake-video-capture=${path}`];
}
