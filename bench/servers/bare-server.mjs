/**
 * The node:http half of the bare undici servers: bodies up to 256 KiB are collected and sent as one Buffer, longer or
 * unsized ones are streamed.
 * @module
 */
import http from "node:http";
import { PORT, upHeaders } from "./common.mjs";

const COLLECT_UP_TO = 262144;

/** Serves on PORT; `createHandler(response)` makes the dispatch handler of one call. */
export function serve(pool, createHandler) {
  const server = http.createServer({ keepAliveTimeout: 120e3 }, (request, response) => {
    const headers = upHeaders(request.rawHeaders);
    const length = Number(request.headers["content-length"]);
    const dispatch = (body) => {
      const options = { path: request.url, method: request.method, headers, body };
      pool.dispatch(options, createHandler(response));
    };
    if (length <= COLLECT_UP_TO) {
      let first = null;
      let all = null;
      request.on("data", (chunk) => {
        if (first === null) first = chunk;
        else (all ??= [first]).push(chunk);
      });
      request.on("end", () => dispatch(all === null ? first : Buffer.concat(all)));
    } else {
      if (length >= 0) headers.push("content-length", String(length));
      dispatch(request);
    }
  });
  server.listen(PORT, "127.0.0.1", 4096);
}

/**
 * Writes what one packet brought, once, at the end of the tick; `handler` has response, first, more, ended and hold(),
 * which stops the upstream until the client has drained.
 */
export function flush(handler) {
  const bytes = handler.more === null ? handler.first : Buffer.concat(handler.more);
  handler.first = handler.more = null;
  if (handler.ended) handler.response.end(bytes);
  else if (!handler.response.write(bytes)) handler.hold();
}
