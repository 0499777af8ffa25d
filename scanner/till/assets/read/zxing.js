// @ts-check
// ZXing over frames, in a worker. The two files of it lie beside this folder.

/** @typedef {import("./decoders.js").Decoder} Decoder */

// Two symbols are enough to know that there is more than one. A card may be shown
// inverted, on a dark screen, and is never so large that a smaller picture helps.
const options = {
  formats: ["QRCode"], maxNumberOfSymbols: 2, tryHarder: true, tryInvert: true,
  tryRotate: false, tryDownscale: false, textMode: "Plain",
};

/** @returns {Promise<Decoder>} */
export async function load() {
  // @ts-ignore: the module comes without types
  const zxing = await import("../zxing/reader/index.js");
  await zxing.prepareZXingModule({
    overrides: { locateFile: () => new URL("../zxing/zxing_reader.wasm", import.meta.url).href },
    fireImmediately: true,
  });
  const canvas = new OffscreenCanvas(1, 1);
  const context = canvas.getContext("2d", { willReadFrequently: true });
  if (!context) throw new Error("no 2d context");
  return {
    name: "wasm",
    async decode(frame) {
      const { width, height } = frame;
      if (canvas.width !== width || canvas.height !== height) Object.assign(canvas, { width, height });
      context.drawImage(frame, 0, 0);
      const found = await zxing.readBarcodes(context.getImageData(0, 0, width, height), options);
      return found.map((/** @type {{ text: string }} */ code) => code.text);
    },
  };
}
