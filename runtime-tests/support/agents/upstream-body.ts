/**
 * Reads what a gateway sent to Google: calls of tools, their results, signatures, on every surface.
 * @module
 */
import type { ServedRecord } from "../../../emulator/src/emulator.ts";

/** A part, as far as these tests look. */
export interface SentPart {
  text?: string;
  thought?: boolean;
  thoughtSignature?: string;
  functionCall?: { id?: string; name: string; args?: Record<string, unknown> };
  functionResponse?: { id?: string; name: string; response?: unknown; parts?: SentPart[] };
  inlineData?: { mimeType?: string; data?: string };
}

/** A request for an answer, as far as these tests look. */
export interface SentBody {
  contents: { role: string; parts: SentPart[] }[];
  tools?: { functionDeclarations?: { name: string }[]; googleSearch?: unknown }[];
  generationConfig?: Record<string, unknown>;
}

/** A blue square, PNG. */
export const pictureFile: Buffer = Buffer.from(
  "iVBORw0KGgoAAAANSUhEUgAAABAAAAAQCAIAAACQkWg2AAAAFklEQVR42mMQUPhAEmIY1TCqYfhqAAA82CAQ8aU+HgAAAABJRU5ErkJggg==",
  "base64",
);
/** What a model of Gemini 3 and later is told instead of a signature that nobody has. */
const noSignature = "skip_thought_signature_validator";

/** A native request; of Code Assist without its envelope. */
export function sentBody(record: ServedRecord): SentBody {
  const body = JSON.parse(record.body ?? "{}") as { request?: SentBody } & SentBody;
  return body.request ?? body;
}

/** All results of tools that a request brings, as texts, oldest first. */
export function sentResults(record: ServedRecord): string[] {
  if (record.surface === "openai") {
    const { messages } = JSON.parse(record.body ?? "{}") as { messages: { role: string; content: unknown }[] };
    return messages.filter(({ role }) => role === "tool").map(({ content }) => JSON.stringify(content));
  }
  return sentBody(record)
    .contents.flatMap(({ parts }) => parts)
    .flatMap(({ functionResponse }) => (functionResponse === undefined ? [] : [JSON.stringify(functionResponse)]));
}

/** Data of all pictures in results of tools, base64. */
export function sentPictures(record: ServedRecord): string[] {
  return sentBody(record)
    .contents.flatMap(({ parts }) => parts)
    .flatMap(({ functionResponse }) => functionResponse?.parts ?? [])
    .flatMap(({ inlineData }) => inlineData?.data ?? []);
}

/**
 * What is wrong with the history of a native request: calls and results that are not pairs in order; calls without the
 * signature they came with.
 * @returns one line each; empty when all is well
 */
export function historyProblems(record: ServedRecord): string[] {
  const { contents } = sentBody(record);
  const problems: string[] = [];
  for (const [index, { role, parts }] of contents.entries()) {
    const calls = parts.flatMap(({ functionCall }) => (functionCall === undefined ? [] : [functionCall]));
    if (calls.length === 0) continue;
    if (role !== "model") problems.push(`content ${index}: ${role} calls`);
    const results = (contents[index + 1]?.parts ?? []).flatMap(({ functionResponse }) => functionResponse ?? []);
    const pairs = [calls, results].map((list) => list.map(({ id, name }) => `${name} ${id ?? ""}`).join(", "));
    if (pairs[0] !== pairs[1]) problems.push(`content ${index}: called ${pairs[0]}; results of ${pairs[1]}`);
    const signature = parts.find(({ functionCall }) => functionCall !== undefined)?.thoughtSignature;
    if (!/^(models\/)?gemini-2/.test(record.model ?? "") && (signature === undefined || signature === noSignature))
      problems.push(`content ${index}: the signature of ${calls[0]?.name} is ${signature ?? "not there"}`);
  }
  return problems;
}
