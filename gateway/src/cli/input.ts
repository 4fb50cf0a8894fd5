/**
 * What the CLI reads: standard input, files, hidden prompts, a yes or no.
 * @module
 */
import { readFileSync } from "node:fs";
import { CliFailure, usageFailure, wordsOf } from "./failure.ts";

/** Longest text that is read from standard input or a file: key lists are small. */
const inputLimit = 64 * 1024 * 1024;

/** @returns all of standard input as text */
export async function readStdin(): Promise<string> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of process.stdin as AsyncIterable<Uint8Array>) {
    length += chunk.length;
    if (length > inputLimit) throw new CliFailure("Standard input is longer than 64 MB.", { place: "standard input" });
    chunks.push(chunk);
  }
  return new TextDecoder().decode(Buffer.concat(chunks));
}

/**
 * A file's text, or that of standard input for `-`.
 * @throws CliFailure when it cannot be read
 */
export async function readSource(source: string): Promise<string> {
  if (source === "-") return readStdin();
  try {
    return readFileSync(source, "utf8");
  } catch (error) {
    throw new CliFailure(`The file cannot be read: ${wordsOf(error)}`, {
      place: source,
      next: "Check the path, or write - for standard input.",
    });
  }
}

/** Whether a person can be asked. */
export function isInteractive(): boolean {
  return process.stdin.isTTY === true && process.stderr.isTTY === true;
}

/**
 * Asks for a secret without showing it.
 * @param question shown before it
 * @throws CliFailure when nobody can be asked or the question was left
 */
export async function askSecret(question: string): Promise<string> {
  if (!isInteractive()) throw usageFailure(`${question}: nobody can be asked here.`, "Pass it on standard input.");
  // Prompts are written to standard error: standard output carries results only.
  const { password, isCancel } = await import("@clack/prompts");
  const answer = await password({ message: question, mask: "•", output: process.stderr });
  if (isCancel(answer)) throw new CliFailure("Left without a change.");
  return answer;
}

/**
 * Asks for a yes.
 * @param question shown before it
 * @param skip the option that answers in advance, for the error's text
 * @throws CliFailure when nobody can be asked, or the answer is no
 */
export async function requireYes(question: string, skip: string): Promise<void> {
  if (!isInteractive()) throw usageFailure(`${question} Nobody can be asked here.`, `Add ${skip}.`);
  const { confirm, isCancel } = await import("@clack/prompts");
  const answer = await confirm({ message: question, initialValue: false, output: process.stderr });
  if (isCancel(answer) || !answer) throw new CliFailure("Left without a change.");
}
