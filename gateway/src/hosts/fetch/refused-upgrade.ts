/**
 * WebSockets that hosts without Live are asked for.
 * @module
 */
import { writeError } from "../../dialects/openai-responses/write-error.ts";
import { localUrlOf } from "./front-response.ts";

/**
 * Codex asks for a WebSocket at the Responses API first, and goes on over HTTP after a 426 (fact sheet translation 0.1).
 * @returns null: it is no such request
 */
export function refuseUpgrade({ headers, url }: Pick<Request, "headers" | "url">): Response | null {
  if (!/^websocket$/i.test(headers.get("upgrade") ?? "")) return null;
  if (!/\/responses(\/|\?|$)/.test(localUrlOf(url))) return null;
  const error = writeError({ code: "websocket_unsupported", requestId: "" });
  return new Response(error.body, {
    status: error.status,
    headers: { "content-type": "application/json; charset=utf-8", "cache-control": "no-store" },
  });
}
