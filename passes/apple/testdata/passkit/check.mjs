// Holds the pass.json on standard input against the schema of passkit-generator,
// which knows no fields but Apple's. Says what is wrong, and exits 1.
import { readFileSync } from "node:fs";
import { PassProps } from "./node_modules/passkit-generator/lib/esm/schemas/index.js";

const { error } = PassProps.validate(JSON.parse(readFileSync(0, "utf8")), { abortEarly: false });
if (error) {
	console.error(error.message);
	process.exit(1);
}
