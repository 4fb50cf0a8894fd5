/**
 * The baseline of the fetch host: Bun.serve and fetch, answers streamed, request bodies read whole (as every gateway
 * must that may have to try a second time).
 * @module
 */
import { PORT, UPSTREAM, downHeadersWeb, upHeadersWeb } from "./common.mjs";

Bun.serve({
  port: PORT,
  hostname: "127.0.0.1",
  idleTimeout: 0,
  async fetch(request) {
    const url = request.url;
    const path = url.slice(url.indexOf("/", 8));
    const answer = await fetch(UPSTREAM + path, {
      method: request.method,
      headers: upHeadersWeb(request.headers),
      body: request.method === "GET" ? null : await request.arrayBuffer(),
      signal: request.signal,
      decompress: false,
    });
    return new Response(answer.body, { status: answer.status, headers: downHeadersWeb(answer.headers) });
  },
});
