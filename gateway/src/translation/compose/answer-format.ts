/**
 * Structured answers (fact sheet translation 1.5): by Google's own fields where the model takes them, else by a sentence.
 * @module
 */
import type { ModelFacts } from "../models/facts.ts";
import { lowerAnswerSchema, normalizeAnswerSchema } from "../schema/schema.ts";
import type { SchemaForm } from "../types-request.ts";
import type { AnswerFormat, JsonObject } from "../types.ts";

type FormatFacts = Pick<ModelFacts, "kind" | "takesJson" | "takesJsonWithTools">;

/** The fields of generationConfig; null: none, the model answers as it likes or {@link answerInstruction} tells it. */
export function answerFields(
  format: AnswerFormat,
  options: { facts: FormatFacts; hasTools: boolean; schemaForm: SchemaForm },
): JsonObject | null {
  if (format.kind === "text" || !isEnforced(options)) return null;
  if (format.kind === "json-object") return { responseMimeType: "application/json" };
  return options.schemaForm === "lowered"
    ? { responseMimeType: "application/json", responseSchema: lowerAnswerSchema(format.schema) }
    : { responseMimeType: "application/json", responseJsonSchema: normalizeAnswerSchema(format.schema) };
}

/** What the system text has to say instead; null: nothing. */
export function answerInstruction(
  format: AnswerFormat,
  options: { facts: FormatFacts; hasTools: boolean },
): string | null {
  // A voice would read it aloud, and has no JSON to say.
  if (format.kind === "text" || isEnforced(options) || options.facts.kind === "speech") return null;
  const only = "Answer with one JSON object only, without any other text and without a code fence";
  return format.kind === "json-object"
    ? `${only}.`
    : `${only}. It must match this JSON Schema: ${JSON.stringify(format.schema)}`;
}

// --- helpers ---

/** "Function calling with a response mime type: 'application/json' is unsupported" before Gemini 3. */
function isEnforced({ facts, hasTools }: { facts: FormatFacts; hasTools: boolean }): boolean {
  return facts.takesJson && (facts.takesJsonWithTools || !hasTools);
}
