/**
 * Answers that Google's API really sent, where a folder with them is at hand (RECORDED_ANSWERS, or beside the clone).
 * They are not part of the project: without them the tests that use them say so by name.
 * @module
 */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** Where they are looked for: RECORDED_ANSWERS, or a `recorded/gemini` in a folder beside the clone. */
export const recordingsFolder: string = process.env["RECORDED_ANSWERS"] ?? besideClone() ?? "recorded/gemini";

/** One recording. */
export interface Recording {
  name: string;
  /** The request that gets it. */
  path: string;
  status: number;
  contentType: string;
  bytes: Buffer;
  /** False: the gateway answers in its own words, since a credential or a quota is at fault. */
  relayed: boolean;
  /** It rests every credential that gets it. */
  rests: boolean;
}

/** All of them; empty when the folder is absent. */
export const recordings: readonly Recording[] = existsSync(recordingsFolder) ? read() : [];

// --- helpers ---

function besideClone(): string | null {
  const parent = new URL("../../../", import.meta.url).pathname;
  for (const name of readdirSync(parent)) {
    const folder = join(parent, name, "recorded", "gemini");
    if (existsSync(folder)) return folder;
  }
  return null;
}

function read(): Recording[] {
  const found: Recording[] = [];
  for (const family of ["googleai", "vertexai"]) {
    const folder = join(recordingsFolder, family);
    if (!existsSync(folder)) continue;
    for (const file of readdirSync(folder).sort())
      found.push(toRecording(family, file, readFileSync(join(folder, file))));
  }
  // Refusals last: one of them (location) rests the credentials.
  return found.toSorted((one, other) => Number(one.rests) - Number(other.rests) || one.status - other.status);
}

function toRecording(family: string, file: string, bytes: Buffer): Recording {
  const streaming = file.startsWith("streaming");
  const text = bytes.toString("utf8");
  const error = /^\s*\[?\s*\{\s*"error":\s*\{\s*"code":\s*(\d+)/.exec(text);
  const html = file.endsWith(".html");
  const status = html ? 404 : error === null ? 200 : Number(error[1]);
  return {
    name: `${family}/${file}`,
    path: `/v1beta/models/gemini-3.8-flash:${streaming ? "streamGenerateContent?alt=sse" : "generateContent"}`,
    status,
    contentType: html
      ? "text/html; charset=UTF-8"
      : streaming && error === null
        ? "text/event-stream"
        : "application/json; charset=UTF-8",
    bytes,
    rests: /User location is not supported/.test(text),
    relayed: !/API_KEY_INVALID|RESOURCE_EXHAUSTED|SERVICE_DISABLED|PERMISSION_DENIED|UNAUTHENTICATED/.test(text),
  };
}
