/**
 * What a client's message names once its session stands: files of its turns and of its tools' answers. Most messages are
 * audio, and in those nothing but native searches happens.
 * @module
 */
import type { Bytes, Digest } from "../../core/ports.ts";
import type { ResourceName } from "../../core/resources.ts";
import { findFields } from "../../core/scan/find-fields.ts";
import { namesInBody } from "../resources/body-names.ts";

/** The outcome: canonical names that the session has not been let use yet, or why the message must not go up. */
export type ReadClientMessage =
  | { ok: true; names: readonly ResourceName[] }
  | { ok: false; code: "body_malformed" | "resource_forbidden"; words: string };

/**
 * Reads one. Never throws.
 * @param parts.known names that the session may use already
 * @param parts.hosts as in `namesInBody`
 */
export function readClientMessage(
  message: Uint8Array,
  parts: { known: ReadonlySet<ResourceName>; bytes: Bytes; digest: Digest; hosts: readonly string[] },
): ReadClientMessage {
  const { known, bytes, digest, hosts } = parts;
  // Its model and handle would be checked by nobody, and Google takes one setup only (fact sheet upstream 9).
  if (findFields({ body: message, names: ["setup"], bytes }).fields.setup !== null)
    return { ok: false, code: "body_malformed", words: "a session takes one setup only" };
  // The fields are those of a native generation: turns, and parts of tools' answers.
  const names = namesInBody({ chunks: [message], backend: "gemini-api", operation: "generate", bytes, digest, hosts });
  if (names === null)
    return { ok: false, code: "resource_forbidden", words: "the message names more than a message may" };
  return { ok: true, names: names.length === 0 ? names : names.filter((name) => !known.has(name)) };
}
