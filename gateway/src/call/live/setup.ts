/**
 * The first message of a Live session: which model it asks for, and what it names that only one project has.
 * It is read by a scanner as tolerant as Google's parser, and goes upstream as it came but for an alias of the model.
 * @module
 */
import type { Bytes, Digest } from "../../core/ports.ts";
import type { ResourceName } from "../../core/resources.ts";
import { findFields } from "../../core/scan/find-fields.ts";
import { namesInBody } from "../resources/body-names.ts";

/** What a setup says. */
export interface LiveSetup {
  /** Without `models/`; null when none is named, as an ephemeral token may fix it. */
  model: string | null;
  /** `sessionResumption.handle`; null: a new session. */
  handle: string | null;
  /** Canonical names of what it names anywhere, such as stores of its tools; without the handle's. */
  names: readonly ResourceName[];
  /** Where the model's name stands in the message, quotes included; null when none is named. */
  modelAt: { start: number; end: number } | null;
}

/** The outcome. */
export type ReadSetup = { ok: true; setup: LiveSetup } | { ok: false; words: string };

/** Handles are opaque; longer ones are none of Google's. */
const longestHandle = 16_384;

/**
 * Reads the first message. Never throws.
 * @param parts.hosts as in `namesInBody`
 */
export function readSetup(
  message: Uint8Array,
  parts: { bytes: Bytes; digest: Digest; hosts?: readonly string[] },
): ReadSetup {
  const { bytes, digest, hosts = [] } = parts;
  const outer = findFields({ body: message, names: ["setup"], bytes });
  const { setup } = outer.fields;
  if (setup === null || !outer.whole || message[setup.start] !== 0x7b)
    return refused("the first message is no 'setup'");
  if (setup.repeated) return refused("'setup' stands twice in the first message");
  const inner = message.subarray(setup.start, setup.end);
  const { fields, whole } = findFields({
    body: inner,
    names: ["model", "sessionResumption", "session_resumption", "tools"],
    bytes,
  });
  if (!whole) return refused("the first message is no valid JSON");
  const resumption = fields.sessionResumption ?? fields.session_resumption;
  // Which of two holds is Google's secret; the handle decides the project, so nothing is guessed.
  if (fields.sessionResumption !== null && fields.session_resumption !== null)
    return refused("'sessionResumption' stands twice in the setup");
  if (resumption?.repeated === true || fields.tools?.repeated === true)
    return refused("a field stands twice in the setup");
  const handle = resumption === null ? null : handleIn(inner.subarray(resumption.start, resumption.end), bytes);
  if (handle !== null && handle.length > longestHandle) return refused("the resumption handle is too long");
  // Every field that may name something anywhere counts, wherever it stands.
  const names = namesInBody({ chunks: [message], backend: "gemini-api", operation: "live", bytes, digest, hosts });
  if (names === null) return refused("the setup names more than a session may");
  const { model } = fields;
  const named = typeof model?.value === "string" && model.value !== "" ? model.value : null;
  return {
    ok: true,
    setup: {
      model: named === null ? null : named.replace(/^models\//, ""),
      handle,
      names,
      modelAt:
        named === null || model === null ? null : { start: setup.start + model.start, end: setup.start + model.end },
    },
  };
}

/**
 * The message with another model.
 * @param model without `models/`; `tunedModels/x` stays as it is
 */
export function withModel(message: Uint8Array, setup: LiveSetup, model: string, bytes: Bytes): Uint8Array {
  if (setup.modelAt === null) return message;
  const { start, end } = setup.modelAt;
  const name = model.includes("/") ? model : `models/${model}`;
  return bytes.concat([message.subarray(0, start), bytes.encode(JSON.stringify(name)), message.subarray(end)]);
}

// --- helpers ---

function refused(words: string): ReadSetup {
  return { ok: false, words };
}

function handleIn(resumption: Uint8Array, bytes: Bytes): string | null {
  const { handle } = findFields({ body: resumption, names: ["handle"], bytes }).fields;
  return typeof handle?.value === "string" && handle.value !== "" ? handle.value : null;
}
