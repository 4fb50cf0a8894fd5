/**
 * What is wrong with a request, gathered while it is read: reading goes on, and the first problem is the one that the
 * client is told.
 * @module
 */
import type { RequestProblem } from "../../translation/types.ts";

/** Takes problems; only the first is kept. No getters here and beside it: each costs microseconds to make. */
export interface ProblemList {
  first(): RequestProblem | null;
  /** @param field path in the client's body, such as `input[2].content[0].type` */
  add(code: RequestProblem["code"], field: string, message: string): void;
}

/** An empty list for one request. */
export function createProblemList(): ProblemList {
  let first: RequestProblem | null = null;
  return {
    first() {
      return first;
    },
    add(code, field, message) {
      first ??= { code, field, message };
    },
  };
}
