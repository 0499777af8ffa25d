/**
 * Client of a Stempel server. Everything typed here is generated from the
 * contract, openapi.yaml; by hand are only retries, and the proofs and codes that
 * need no server.
 */
export { createStempel, type Options, type Stempel } from "./client.js";
export { dataOf, problemOf, StempelError, type Problem, type ProblemCode } from "./problem.js";
export { verifyReceipt, type KeySet, type Receipt } from "./receipt.js";
export { rotatingText, rotatingUntil, type RotatingSecret } from "./rotating.js";
export { canonicalBytes, commitmentOf, verifyChain, type Chained, type ChainResult } from "./chain.js";
export type { components, operations, paths } from "./contract.gen.js";
