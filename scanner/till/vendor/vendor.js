// Copies the decoder from the package that the lock file names to the till's assets,
// or with --check says which copies differ. What is large is kept zipped, as it is sent.
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { gunzipSync, gzipSync } from "node:zlib";

const here = import.meta.dirname;
const from = join(here, "node_modules/zxing-wasm");
const to = join(here, "../assets/zxing");

// Only what reads; the same places to one another, since one imports the other.
const files = {
  "dist/es/reader/index.js": "reader/index.js",
  "dist/es/share.js": "share.js",
  "dist/reader/zxing_reader.wasm": "zxing_reader.wasm.gz",
  "LICENSE": "LICENSE",
};

let differ = 0;
for (const [source, target] of Object.entries(files)) {
  const wanted = await readFile(join(from, source));
  const path = join(to, target);
  if (process.argv.includes("--check")) {
    const kept = await readFile(path).then((bytes) => (path.endsWith(".gz") ? gunzipSync(bytes) : bytes)).catch(() => Buffer.alloc(0));
    if (kept.equals(wanted)) continue;
    differ++;
    console.error(`assets/zxing/${target} is not that of the package: npm run vendor`);
  } else {
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, path.endsWith(".gz") ? gzipSync(wanted, { level: 9 }) : wanted);
  }
}
process.exitCode = differ ? 1 : 0;
