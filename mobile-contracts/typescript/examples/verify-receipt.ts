// Checks a receipt without asking its server: the keys were fetched once, from
// /.well-known/jwks.json, and kept.
//
//     node dist/examples/verify-receipt.js keys.json receipt.txt
import { readFileSync } from "node:fs";

import { verifyReceipt, type KeySet } from "../src/index.js";

const [keyFile, receiptFile] = process.argv.slice(2);
if (keyFile === undefined || receiptFile === undefined) {
  console.error("usage: verify-receipt keys.json receipt.txt");
  process.exit(2);
}
const keys = JSON.parse(readFileSync(keyFile, "utf8")) as KeySet;
const stated = await verifyReceipt(readFileSync(receiptFile, "utf8").trim(), keys);
if (stated === undefined) {
  console.error("This is not a genuine receipt.");
  process.exit(1);
}
console.log(`Genuine: entry ${stated.seq} of ${stated.card}, ${stated.kind} ${stated.units}, balance ${stated.balance}, at ${stated.at}.`);
