/** @module Two projects on a clock that stands still, for the tests of what belongs to a project. */

import type { Emulator } from "../emulator.ts";
import { startEmulator } from "../emulator.ts";
import { call } from "../test-client.ts";
import type { EmulatorOptions } from "../types.ts";

/** Key of the first project. */
export const MINE = "AQ.mine-0000000000000000000000000000000000000000000001";
/** Another key of the first project. */
export const MINE_TOO = "AQ.mine-too-0000000000000000000000000000000000000000002";
/** Key of the second project. */
export const FOREIGN = "AQ.foreign-00000000000000000000000000000000000000000003";

/** An emulator with both; time only moves by `advance`. */
export function startTwoProjects(options: EmulatorOptions = {}): Promise<Emulator> {
  return startEmulator({
    now: () => 1_790_000_000_000,
    projects: [
      { id: "projects/1", tier: "unlimited", keys: [{ key: MINE }, { key: MINE_TOO }] },
      { id: "projects/2", tier: "unlimited", keys: [{ key: FOREIGN }] },
    ],
    ...options,
  });
}

/** What a JSON request came back with. */
export interface JsonAnswer {
  status: number;
  // Tests look into it with paths.
  body: unknown;
}

/** Calls `/v1beta/<path>` and reads the JSON. @param options.key @default MINE */
export async function ask(
  emulator: Emulator,
  path: string,
  options: { method?: string; body?: unknown; key?: string } = {},
): Promise<JsonAnswer> {
  const response = await call(emulator, { path: `/v1beta/${path}`, key: MINE, ...options });
  const text = await response.text();
  return { status: response.status, body: text === "" ? null : JSON.parse(text) };
}

/** An upload in one request. */
export async function upload(
  emulator: Emulator,
  content: string,
  options: { key?: string; mimeType?: string } = {},
): Promise<{ name: string; uri: string }> {
  const response = await call(emulator, {
    path: "/upload/v1beta/files",
    body: content,
    key: options.key ?? MINE,
    headers: { "x-goog-upload-protocol": "raw", "content-type": options.mimeType ?? "text/plain" },
  });
  const { file } = (await response.json()) as { file: { name: string; uri: string } };
  return file;
}
