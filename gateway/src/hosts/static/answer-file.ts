/**
 * Answers with a built file: the smallest variant that the client reads, or 304.
 * @module
 */
import type { FrontAnswer, FrontRequest } from "../front/answer.ts";
import { fileHeaders, pageHeaders } from "../front/security-headers.ts";
import type { StaticFile } from "./types.ts";

/** Answers with a file. */
export function answerFile(file: StaticFile, request: Pick<FrontRequest, "header">): FrontAnswer {
  const { body, encoding } = variantOf(file, request.header("accept-encoding"));
  // Other bytes, another tag (RFC 9110 8.8.3).
  const tag = `"${file.digest}${encoding === null ? "" : `-${encoding}`}"`;
  const mayScript = /^(?:text\/html|image\/svg)/.test(file.contentType);
  const headers = [
    "etag",
    tag,
    "cache-control",
    file.immutable ? "public, max-age=31536000, immutable" : "no-cache",
    "vary",
    "accept-encoding",
    ...(mayScript ? pageHeaders : fileHeaders),
  ];
  if (matches(request.header("if-none-match"), file.digest)) return { status: 304, headers, body: "" };
  headers.push("content-type", file.contentType);
  if (encoding !== null) headers.push("content-encoding", encoding);
  return { status: 200, headers, body };
}

/**
 * Whether an `accept-encoding` takes a coding: named, or by `*`, and not with a quality of 0 (RFC 9110 12.5.3).
 * @param header null: not sent
 */
export function accepts(header: string | null, coding: string): boolean {
  if (header === null) return false;
  let byStar = false;
  for (const part of header.toLowerCase().split(",").slice(0, mostCodings)) {
    const [name = "", ...parameters] = part.split(";").map((piece) => piece.trim());
    const isRefused = parameters.some((parameter) => /^q=0(?:\.0{0,3})?$/.test(parameter));
    if (name === coding) return !isRefused;
    if (name === "*") byStar = !isRefused;
  }
  return byStar;
}

// --- helpers ---

/** Clients name five at most; a longer list is somebody's joke. */
const mostCodings = 20;

function variantOf(
  { plain, gzip, brotli }: StaticFile,
  header: string | null,
): { body: Uint8Array<ArrayBuffer>; encoding: "br" | "gzip" | null } {
  if (brotli !== null && accepts(header, "br")) return { body: brotli, encoding: "br" };
  if (gzip !== null && accepts(header, "gzip")) return { body: gzip, encoding: "gzip" };
  return { body: plain, encoding: null };
}

/** Any variant of the content will do: the client has it. */
function matches(header: string | null, digest: string): boolean {
  if (header === null) return false;
  return header
    .split(",")
    .slice(0, mostCodings)
    .some((part) => {
      const tag = part.trim().replace(/^W\//, "");
      return tag === "*" || tag === `"${digest}"` || tag === `"${digest}-br"` || tag === `"${digest}-gzip"`;
    });
}
