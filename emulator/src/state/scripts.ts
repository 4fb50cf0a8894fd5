/** @module Scripted answers: a function, and a list that is consumed in order. */

import { ERROR_NAMES } from "../errors/error-names.ts";
import type { ScriptRequest, ScriptedAnswer } from "../types.ts";

/** The scripts of one emulator. */
export interface Scripts {
  /**
   * Appends answers to the list.
   * @throws TypeError for one with an unknown error name.
   */
  push(answers: ScriptedAnswer[]): void;
  /** The answer for a request: the first of the list that fits its model, consumed; else what the function says. */
  take(request: ScriptRequest): ScriptedAnswer | undefined;
  /** Answers not yet consumed. */
  left(): number;
  clear(): void;
}

/** @param script The function given at the start. */
export function createScripts(script?: (request: ScriptRequest) => ScriptedAnswer | undefined): Scripts {
  let answers: ScriptedAnswer[] = [];
  return {
    push: (more) => {
      for (const { error } of more) {
        if (error !== undefined && !ERROR_NAMES.includes(error)) throw new TypeError(`Unknown error name: ${error}`);
      }
      answers.push(...more);
    },
    take: (request) => {
      const index = answers.findIndex(
        ({ model }) => model === undefined || model.replace(/^models\//, "") === request.model,
      );
      return index >= 0 ? answers.splice(index, 1)[0] : script?.(request);
    },
    left: () => answers.length,
    clear: () => {
      answers = [];
    },
  };
}
