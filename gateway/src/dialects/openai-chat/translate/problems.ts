/**
 * What is wrong with a request: the first thing that is found is answered, reading goes on so that no reader has to stop.
 * @module
 */
import type { RequestProblem } from "../../../translation/types.ts";

/** Collects what readers find wrong. */
export interface Problems {
  /** The first; null: nothing is wrong. */
  readonly first: RequestProblem | null;
  /**
   * A value that OpenAI would refuse too.
   * @param field its path in the body
   * @param message one sentence: what would be right
   */
  invalid(field: string, message: string): void;
  /** A value that is right for OpenAI, but that Gemini has nothing for. */
  unsupported(field: string, message: string): void;
}

/** Makes a collector for one request. */
export function createProblems(): Problems {
  let first: RequestProblem | null = null;
  return {
    get first() {
      return first;
    },
    invalid(field, message) {
      first ??= { code: "field_invalid", field, message: `'${field}' ${message}` };
    },
    unsupported(field, message) {
      first ??= { code: "field_unsupported", field, message: `'${field}' ${message}` };
    },
  };
}
