/**
 * Turns as clients send them, brought into the order that Google asks for: user and model by turns, each result with its
 * call (fact sheet translation 0.3, steps 2 to 5).
 * @module
 */
import type { Turn, TurnPart } from "../types.ts";
import type { CallPart, ResultPart } from "./content.ts";
import { createPairing, type PairedCall, type PlacedResult } from "./pairing.ts";

type PlainPart = Exclude<TurnPart, CallPart | ResultPart>;

/** A run of turns of the user. Results that have a call are written with it, not here. */
export interface UserStep {
  role: "user";
  parts: (PlainPart | PlacedResult)[];
}

/** A run of turns of the model. */
export interface ModelStep {
  role: "model";
  parts: (PlainPart | PairedCall)[];
  /** Those among the parts, in order. Their results come first in the next content. */
  calls: PairedCall[];
  /** Last text of each turn of the client: signatures of texts are known under it. */
  lastTexts: Set<TurnPart>;
}

/** Neighbours differ in role. */
export type Step = UserStep | ModelStep;

/**
 * Groups and pairs, in time linear in the parts. Every part that holds something comes out again, exactly once.
 * @param options.shortId an id without what was put into it, see `SignatureReader`
 * @param options.hasFunctions false: the model has none, no result gets a call
 */
export function toSteps(
  turns: readonly Turn[],
  { shortId, hasFunctions }: { shortId(id: string): string; hasFunctions: boolean },
): Step[] {
  const steps: Step[] = [];
  const pairing = createPairing({ hasFunctions });

  const userStep = (): UserStep => {
    const last = steps.at(-1);
    if (last?.role === "user") return last;
    const step: UserStep = { role: "user", parts: [] };
    steps.push(step);
    return step;
  };
  const modelStep = (): ModelStep => {
    const last = steps.at(-1);
    if (last?.role === "model") return last;
    pairing.beginStep();
    const step: ModelStep = { role: "model", parts: [], calls: [], lastTexts: new Set() };
    steps.push(step);
    return step;
  };

  for (const turn of turns) {
    let lastText: TurnPart | null = null;
    let isSilent = true;
    for (const part of turn.parts) {
      if (isEmpty(part)) continue;
      isSilent = false;
      if (part.kind === "call") {
        const step = modelStep();
        const call = pairing.call(part, shortId(part.id));
        step.parts.push(call);
        step.calls.push(call);
      } else if (part.kind === "result") {
        userStep().parts.push(pairing.result(part, shortId(part.id)));
      } else {
        (turn.role === "user" ? userStep() : modelStep()).parts.push(part);
        if (part.kind === "text") lastText = part;
      }
    }
    const last = steps.at(-1);
    if (lastText !== null && last?.role === "model") last.lastTexts.add(lastText);
    // A turn of the user that says nothing still is one; one of the model is not.
    if (isSilent && turn.role === "user") userStep();
  }
  pairing.end();
  return steps;
}

// --- helpers ---

/** Nothing in it: Google refuses it ("required oneof field 'data' must have one initialized field"). */
function isEmpty(part: TurnPart): boolean {
  switch (part.kind) {
    case "text":
      return part.text === "";
    case "media":
      return part.data === "";
    case "file":
      return part.uri === "";
    default:
      return false;
  }
}
