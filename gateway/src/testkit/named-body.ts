/**
 * Bodies, cut as they come, and what they name.
 * @module
 */
import { portableBytes as bytes } from "../core/portable-bytes.ts";
import type { Digest } from "../core/ports.ts";
import type { Backend } from "../core/records.ts";
import { nodeBytes } from "../hosts/node/bytes.ts";
import { namesInBody } from "../call/resources/body-names.ts";

/** Names digests by what they are of. */
export const digest: Digest = { sha256: (text: string): string => `<${text.length}:${text.slice(0, 8)}>` };
export const google: string = "https://generativelanguage.googleapis.com/v1beta";

/** What a body names, read in chunks of these sizes. */
export function find(
  body: unknown,
  options: { operation?: string; backend?: Backend; sizes?: readonly number[]; hosts?: readonly string[] } = {},
): readonly string[] | null {
  const text = typeof body === "string" ? body : JSON.stringify(body);
  return namesInBody({
    chunks: cut(bytes.encode(text), options.sizes ?? []),
    backend: options.backend ?? "gemini-api",
    operation: options.operation ?? "generate",
    bytes: nodeBytes,
    digest,
    hosts: options.hosts ?? [],
  });
}

/** A body in chunks of these sizes; the last one is what is left. */
export function cut(whole: Uint8Array, sizes: readonly number[]): Uint8Array[] {
  const chunks: Uint8Array[] = [];
  let at = 0;
  for (const size of sizes) {
    if (at >= whole.length) break;
    chunks.push(whole.subarray(at, at + size));
    at += size;
  }
  if (at < whole.length) chunks.push(whole.subarray(at));
  return chunks;
}
