/**
 * What goes upstream: the backend's address, the client's headers that may pass, and exactly one credential.
 * @module
 */
import { addCredential as addGeminiApi } from "../backends/gemini-api/authenticate.ts";
import { addCredential as addCodeAssist } from "../backends/code-assist/authenticate.ts";
import { addCredential as addGeminiOpenAi } from "../backends/gemini-openai/authenticate.ts";
import type { Lease } from "../core/credential.ts";
import type { Secret } from "../core/secret.ts";
import type { BackendAddress } from "./environment.ts";
import type { CollectedBody, UpstreamRequest } from "./host.ts";
import type { Identity } from "./identity.ts";
import type { ScannedHeaders } from "./request-headers.ts";

/** Builds one attempt's request. */
export function toUpstreamRequest(parts: {
  attempt: number;
  method: string;
  identity: Identity;
  headers: ScannedHeaders;
  lease: Lease;
  body: CollectedBody | "pass" | null;
  address: BackendAddress;
  /** OUTBOUND_PROXY; the credential's own outranks it. */
  proxy: Secret | null;
  tee: NonNullable<UpstreamRequest["tee"]> | null;
}): UpstreamRequest {
  const { backend, translated } = parts.identity;
  // What a client of another vendor says of itself is no business of Google's; its body is not the client's either.
  const headers =
    translated || backend === "code-assist"
      ? parts.body === null
        ? []
        : ["content-type", "application/json"]
      : parts.headers.forward.slice();
  if (backend === "gemini-api") addGeminiApi(headers, parts.lease.secret);
  else if (backend === "code-assist") addCodeAssist(headers, parts.lease.secret);
  else addGeminiOpenAi(headers, parts.lease.secret);
  if (parts.body === "pass" && parts.headers.contentLength !== null)
    headers.push("content-length", String(parts.headers.contentLength));
  return {
    attempt: parts.attempt,
    origin: parts.address.origin,
    path: parts.address.prefix + parts.identity.target,
    method: parts.method,
    headers,
    body: parts.body,
    proxy: parts.lease.proxy ?? parts.proxy,
    tee: parts.tee,
  };
}
