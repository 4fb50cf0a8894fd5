/**
 * The baseline: a node:http server and undici 8 `Pool.dispatch`, nothing else. Chunks that arrive in one packet are
 * gathered and written once (next tick).
 *
 * undici 8 has one handler interface and parses the answer's headers whether one asks or not, so they are taken as
 * parsed: going through `rawHeaders` a second time costs about a tenth of an SSE call's CPU.
 * @module
 */
import { Pool } from "undici";
import { flush, serve } from "./bare-server.mjs";
import { UPSTREAM, downHeadersParsed } from "./common.mjs";

const pool = new Pool(UPSTREAM, {
  connections: null,
  pipelining: 1,
  keepAliveTimeout: 60e3,
  headersTimeout: 300e3,
  bodyTimeout: 300e3,
});

class Handler {
  constructor(response) {
    this.response = response;
    this.controller = null;
    this.first = null;
    this.more = null;
    this.ended = false;
  }
  hold() {
    this.controller.pause();
    this.response.once("drain", () => this.controller.resume());
  }
  onRequestStart(controller) {
    this.controller = controller;
    const response = this.response;
    response.on("close", () => {
      if (!response.writableFinished) controller.abort(new Error("client gone"));
    });
  }
  onResponseStart(_controller, status, headers) {
    this.response.writeHead(status, downHeadersParsed(headers));
  }
  onResponseData(_controller, chunk) {
    if (this.first === null) {
      this.first = chunk;
      process.nextTick(flush, this);
    } else (this.more ??= [this.first]).push(chunk);
  }
  onResponseEnd() {
    if (this.first === null) this.response.end();
    else this.ended = true;
  }
  onResponseError() {
    if (!this.response.headersSent) this.response.writeHead(502);
    this.response.end();
  }
}

serve(pool, (response) => new Handler(response));
