import type { components } from "./contract.gen.js";

/** What went wrong, as every refusal says it (RFC 9457). */
export type Problem = components["schemas"]["Problem"];

/** Switch on this; show `detail` to people. New codes may be added. */
export type ProblemCode = Problem["code"];

/** A refusal as an exception, for those who like exceptions better. */
export class StempelError extends Error {
  override readonly name = "StempelError";
  constructor(readonly problem: Problem) {
    super(problem.detail);
  }
  get code(): ProblemCode {
    return this.problem.code;
  }
}

/**
 * Takes the data out of an answer of the client, or throws.
 *
 *     const card = dataOf(await stempel.GET("/v1/cards/{card}", { params: { path: { card: id } } }));
 */
export function dataOf<T>(answer: { data?: T; error?: unknown; response: Response }): T {
  if (answer.data !== undefined) {
    return answer.data;
  }
  throw new StempelError(problemOf(answer));
}

/** The problem of an answer that is none of ours, such as a proxy's, is made up. */
export function problemOf(answer: { error?: unknown; response: Response }): Problem {
  const error = answer.error;
  if (typeof error === "object" && error !== null && "code" in error && "detail" in error) {
    return error as Problem;
  }
  return {
    type: "about:blank",
    title: "No answer of Stempel",
    status: answer.response.status,
    code: "internal",
    detail: `The server answered ${answer.response.status} without saying why.`,
    request_id: answer.response.headers.get("X-Request-Id") ?? "",
  };
}
