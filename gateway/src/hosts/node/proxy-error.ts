/**
 * What goes wrong between us and an outbound proxy. No message names the proxy's address or holds its password: these
 * words reach the record of calls and, cleaned, clients.
 * @module
 */

/**
 * `ERR_PROXY`: no tunnel was made, so the upstream never saw the request. `UND_ERR_CONNECT_TIMEOUT`: not in time (the code
 * that undici uses for its own connections).
 */
export type ProxyErrorCode = "ERR_PROXY" | "UND_ERR_CONNECT_TIMEOUT";

/** A tunnel that could not be made. */
export class ProxyError extends Error {
  override readonly name = "ProxyError";
  readonly code: ProxyErrorCode;

  constructor(words: string, code: ProxyErrorCode = "ERR_PROXY") {
    super(`The outbound proxy ${words}.`);
    this.code = code;
  }
}
