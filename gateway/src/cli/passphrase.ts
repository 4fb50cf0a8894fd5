/**
 * The passphrase of sealed export files.
 * @module
 */
import { usageFailure } from "./failure.ts";
import { askSecret } from "./input.ts";

/** Gives the passphrase where nobody can be asked. */
export const passphraseVariable = "GEMINI_PROXY_EXPORT_PASSPHRASE";

/**
 * The passphrase, from the variable or asked for.
 * @param question shown at the prompt
 * @param options `fresh`: a new one, asked for twice
 * @throws CliFailure when there is none, or the two differ
 */
export async function passphrase(question: string, options: { fresh: boolean }): Promise<string> {
  const given = process.env[passphraseVariable] ?? "";
  if (given !== "") return given;
  const first = await askSecret(question);
  if (options.fresh && (await askSecret("Once more")) !== first) throw usageFailure("The two passphrases differ.");
  return first;
}
