/**
 * Tools' schemas that Google refused in the form of JSON Schema: the strict form is sent instead, at once and for a while
 * (fact sheet translation 4.5).
 * @module
 */
import type { CallEnvironment } from "../environment.ts";
import type { Outcome } from "../outcome.ts";
import { parseGoogleError } from "../verdict/google-error.ts";
import type { TranslatedCall } from "./translated-call.ts";

const rememberedMs = 3_600_000;
const mostRemembered = 1_000;
/** Google's words about schemas; what clients name themselves stands after them. */
const words =
  /function_declarations|functionDeclarations|response_(json_)?schema|json schema|Unknown name|reference to undefined|nesting depth|too many states/i;

/** Whether an outcome is a refusal of a schema. */
export function isSchemaRefusal(outcome: Outcome): boolean {
  return outcome.kind === "status" && outcome.status === 400 && words.test(parseGoogleError(outcome.body).message);
}

/** Whether these schemas were refused for this model lately. */
export function wasLowered(environment: CallEnvironment, call: TranslatedCall, model: string | null): boolean {
  if (environment.loweredSchemas.size === 0) return false;
  const until = environment.loweredSchemas.get(nameOf(environment, call, model));
  return until !== undefined && until > environment.clock.now();
}

/** Remembers it. */
export function rememberLowered(environment: CallEnvironment, call: TranslatedCall, model: string | null): void {
  const { loweredSchemas } = environment;
  if (loweredSchemas.size >= mostRemembered) loweredSchemas.clear();
  loweredSchemas.set(nameOf(environment, call, model), environment.clock.now() + rememberedMs);
}

// --- helpers ---

function nameOf({ digest }: CallEnvironment, { conversation }: TranslatedCall, model: string | null): string {
  const { tools, format } = conversation;
  return digest.sha256(JSON.stringify([model, tools.map(({ name, schema }) => [name, schema]), format]));
}
