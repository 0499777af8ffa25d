// @ts-check
// Who decodes: the browser's own BarcodeDetector where it knows QR codes, else ZXing
// compiled to WebAssembly, which is loaded only then.

/**
 * @typedef {object} Decoder
 * @property {"native" | "wasm"} name
 * @property {(frame: ImageBitmap) => Promise<string[]>} decode the texts of all QR codes in the frame
 */

/**
 * The decoder for a scope, which is a worker's `self`.
 * @param {any} scope
 * @param {() => Promise<Decoder>} wasm loads the other decoder
 * @returns {Promise<Decoder>}
 */
export async function choose(scope, wasm) {
  const own = await native(scope).catch(() => undefined);
  if (!own) return wasm();
  // Chrome on Android may have the interface and not the service behind it: that shows
  // only at the first frame.
  /** @type {Decoder | undefined} */
  let instead;
  return {
    get name() { return instead ? instead.name : "native"; },
    async decode(frame) {
      if (instead) return instead.decode(frame);
      try {
        return await own(frame);
      } catch {
        instead = await wasm();
        return instead.decode(frame);
      }
    },
  };
}

/** @param {any} scope */
async function native(scope) {
  if (!("BarcodeDetector" in scope)) return undefined;
  const formats = await scope.BarcodeDetector.getSupportedFormats();
  if (!formats.includes("qr_code")) return undefined;
  const detector = new scope.BarcodeDetector({ formats: ["qr_code"] });
  return async (/** @type {ImageBitmap} */ frame) =>
    (await detector.detect(frame)).map((/** @type {{ rawValue: string }} */ code) => code.rawValue);
}
