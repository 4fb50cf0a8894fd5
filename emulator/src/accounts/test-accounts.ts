/** @module An emulator with an account, and the calls a client of Code Assist makes, for tests. */

import type { Emulator } from "../emulator.ts";
import { startEmulator } from "../emulator.ts";
import type { EmulatorOptions } from "../types.ts";
import type { AccountConfig } from "./types.ts";

/** The clock of these tests stands still but for `advance`: 2026-09-21T14:13:20Z. */
export const NOW = 1_790_000_000_000;

/** An account of no special kind. */
export const ADA: AccountConfig = { email: "ada@example.com", refreshToken: "1//ada", project: "ada-project" };

/** Starts one with these accounts. */
export function startWithAccounts(accounts: AccountConfig[] = [ADA], more: EmulatorOptions = {}): Promise<Emulator> {
  return startEmulator({ accounts, now: () => NOW, ...more });
}

/** What came back as JSON. */
export interface JsonReply {
  status: number;
  body: Record<string, unknown>;
}

/** Posts a form. */
export async function postForm(emulator: Emulator, path: string, form: Record<string, string>): Promise<JsonReply> {
  const response = await fetch(emulator.url + path, { method: "POST", body: new URLSearchParams(form) });
  return { status: response.status, body: (await response.json()) as Record<string, unknown> };
}

/** Refreshes with the right client. */
export function refresh(
  emulator: Emulator,
  refreshToken: string,
  more: Record<string, string> = {},
): Promise<JsonReply> {
  return postForm(emulator, "/token", {
    client_id: "emulator-client",
    client_secret: "emulator-secret",
    grant_type: "refresh_token",
    refresh_token: refreshToken,
    ...more,
  });
}

/** A good access token. */
export async function login(emulator: Emulator, refreshToken = "1//ada"): Promise<string> {
  const { body } = await refresh(emulator, refreshToken);
  return String(body["access_token"]);
}

/** Calls a method of Code Assist. */
export function callMethod(
  emulator: Emulator,
  method: string,
  options: { token: string; body?: unknown; query?: string },
): Promise<Response> {
  const { token, body, query = "" } = options;
  return fetch(`${emulator.url}/v1internal:${method}${query}`, {
    method: body === undefined ? "GET" : "POST",
    headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
}

/** The same, read as JSON. */
export async function askMethod(
  emulator: Emulator,
  method: string,
  options: { token: string; body?: unknown; query?: string },
): Promise<JsonReply> {
  const response = await callMethod(emulator, method, options);
  return { status: response.status, body: (await response.json()) as Record<string, unknown> };
}

/** An envelope with a user's text. */
export function envelope(text: string, more: Record<string, unknown> = {}, request: object = {}): object {
  return {
    model: "gemini-2.5-pro",
    project: "ada-project",
    user_prompt_id: "p",
    request: { contents: [{ role: "user", parts: [{ text }] }], ...request },
    ...more,
  };
}
