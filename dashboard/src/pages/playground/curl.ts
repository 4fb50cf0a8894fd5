/**
 * A request as a command line for people to try elsewhere. The key is a placeholder, always.
 * @module
 */
import { anthropicVersion } from "./request.ts";
import type { PlaygroundRequest } from "./request.ts";

/** @returns text as one word of a POSIX shell, whatever is in it */
export function shellQuote(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}

/**
 * The command.
 * @param request to send
 * @param origin of the gateway: `https://gw.example`
 * @param key placeholder. @default `$GEMINI_PROXY_KEY`, from the environment
 */
export function toCurl(request: PlaygroundRequest, origin: string, key = "$GEMINI_PROXY_KEY"): string {
  // Double quotes, so that the shell puts the variable in; nothing else of the line is expanded.
  const header =
    request.authentication === "bearer" ? `"Authorization: Bearer ${key}"` : `"${request.authentication}: ${key}"`;
  const lines = [`curl -N ${shellQuote(origin + request.path)}`, `-H ${header}`];
  if (request.authentication === "x-api-key") lines.push(`-H 'anthropic-version: ${anthropicVersion}'`);
  if (request.method !== "POST") lines.push(`-X ${request.method}`);
  if (request.body !== null)
    lines.push(`-H 'content-type: application/json'`, `--data-raw ${shellQuote(request.body)}`);
  return lines.join(" \\\n  ");
}
