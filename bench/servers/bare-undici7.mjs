/**
 * The baseline on undici 7, through the handler interface that undici 7 calls directly (it wraps the newer one).
 * @module
 */
import { Pool } from "undici7";
import { flush, serve } from "./bare-server.mjs";
import { UPSTREAM, downHeadersRaw } from "./common.mjs";

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
    this.resume = null;
    this.held = false;
    this.first = null;
    this.more = null;
    this.ended = false;
  }
  hold() {
    this.held = true;
    this.response.once("drain", () => {
      this.held = false;
      this.resume();
    });
  }
  onConnect(abort) {
    const response = this.response;
    response.on("close", () => {
      if (!response.writableFinished) abort(new Error("client gone"));
    });
  }
  onHeaders(status, raw, resume) {
    this.response.writeHead(status, downHeadersRaw(raw));
    this.resume = resume;
    return true;
  }
  onData(chunk) {
    if (this.first === null) {
      this.first = chunk;
      process.nextTick(flush, this);
    } else (this.more ??= [this.first]).push(chunk);
    return !this.held;
  }
  onComplete() {
    if (this.first === null) this.response.end();
    else this.ended = true;
  }
  onError() {
    if (!this.response.headersSent) this.response.writeHead(502);
    this.response.end();
  }
}

serve(pool, (response) => new Handler(response));
