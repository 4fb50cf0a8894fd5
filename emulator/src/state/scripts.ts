/** @module Scripted answers: a function, and a list that is consumed in order. */

import { ERROR_NAMES } from "../errors/error-names.ts";
import type { ScriptRequest, ScriptedAnswer } from "./script-types.ts";
import type { ScriptTest } from "./script-condition.ts";
import { toScriptTest } from "./script-condition.ts";

/** The scripts of one emulator. */
export interface Scripts {
  /**
   * Appends answers to the list.
   * @throws TypeError for one with an unknown error name or condition; none of them is appended then.
   */
  push(answers: ScriptedAnswer[]): void;
  /** The answer for a request: the first of the list that fits it, consumed unless it repeats; else what the function says. */
  take(request: ScriptRequest): ScriptedAnswer | undefined;
  /** Answers not yet consumed, but for those that repeat. */
  left(): number;
  clear(): void;
}

/** @param script The function given at the start. */
export function createScripts(script?: (request: ScriptRequest) => ScriptedAnswer | undefined): Scripts {
  let entries: { answer: ScriptedAnswer; fits: ScriptTest }[] = [];
  return {
    push: (answers) => {
      for (const { error } of answers) {
        if (error !== undefined && !ERROR_NAMES.includes(error)) throw new TypeError(`Unknown error name: ${error}`);
      }
      entries.push(...answers.map((answer) => ({ answer, fits: toScriptTest(answer) })));
    },
    take: (request) => {
      const index = entries.findIndex(({ fits }) => fits(request));
      const entry = entries[index];
      if (!entry) return script?.(request);
      if (entry.answer.repeat !== true) entries.splice(index, 1);
      return entry.answer;
    },
    left: () => entries.filter(({ answer }) => answer.repeat !== true).length,
    clear: () => {
      entries = [];
    },
  };
}
