// Copies the decoder from the package that the lock file names to the till's assets,
// or with --check says which copies differ.
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";

const here = import.meta.dirname;
const from = join(here, "node_modules/zxing-wasm");
const to = join(here, "../assets/zxing");

// Only what reads; the same places to one another, since one imports the other.
const files = {
  "dist/es/reader/index.js": "reader/index.js",
  "dist/es/share.js": "share.js",
  "dist/reader/zxing_reader.wasm": "zxing_reader.wasm",
  "LICENSE": "LICENSE",
};

let differ = 0;
for (const [source, target] of Object.entries(files)) {
  const wanted = await readFile(join(from, source));
  const path = join(to, target);
  if (process.argv.includes("--check")) {
    const kept = await readFile(path).catch(() => Buffer.alloc(0));
    if (kept.equals(wanted)) continue;
    differ++;
    console.error(`assets/zxing/${target} is not that of the package: npm run vendor`);
  } else {
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, wanted);
  }
}
process.exitCode = differ ? 1 : 0;
