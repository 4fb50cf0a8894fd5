/**
 * The tap of a Live session: what the gateway must know of a server's message, found without parsing it. Audio is
 * megabytes of base64: a native search tells that there is nothing to find, and a scanner jumps over its strings.
 * @module
 */
import type { Bytes } from "../../core/ports.ts";
import { findFields, type FoundField } from "../../core/scan/find-fields.ts";
import type { Usage } from "../../core/usage.ts";
import { parseUsage } from "../tap/usage.ts";

/** What a message tells. */
export interface ServerMessage {
  setupComplete: boolean;
  /** It belongs to a turn: content, a call of a tool, a transcription; not the session's own affairs. */
  content: boolean;
  /** The model's turn is over. */
  turnComplete: boolean;
  toolCall: boolean;
  /** The connection will be ended by Google soon. */
  goAway: boolean;
  /** A new resumption handle; null: none. */
  handle: string | null;
  usage: Usage | null;
  /** Why the turn ended, where the server tells; or null. */
  reason: string | null;
}

/** Parsed at most; no usage of Google's is longer. */
const parsedLimit = 64 * 1024;
const names = [
  "setupComplete",
  "serverContent",
  "toolCall",
  "toolCallCancellation",
  "goAway",
  "sessionResumptionUpdate",
  "usageMetadata",
] as const;
/** Of these, the ones by which more than a plain piece of content is recognised. */
const telling = [
  "usageMetadata",
  "turnComplete",
  "setupComplete",
  "sessionResumptionUpdate",
  "goAway",
  "toolCall",
] as const;

const plainContent: ServerMessage = {
  setupComplete: false,
  content: true,
  turnComplete: false,
  toolCall: false,
  goAway: false,
  handle: null,
  usage: null,
  reason: null,
};

/** Reads a message of the server. Never throws; what is no JSON object tells nothing. */
export function readServerMessage(message: Uint8Array, bytes: Bytes): ServerMessage {
  // Nearly every message is a piece of audio or text.
  if (!telling.some((name) => bytes.indexOf(message, name) >= 0)) return plainContent;
  // Names inside of what the model says or calls do not count: only those of the outermost object.
  const { fields } = findFields({ body: message, names, bytes });
  const content = fields.serverContent;
  const inner =
    content === null
      ? null
      : findFields({
          body: message.subarray(content.start, content.end),
          names: ["turnComplete", "turnCompleteReason"],
          bytes,
        }).fields;
  const reason = inner?.turnCompleteReason?.value;
  return {
    setupComplete: fields.setupComplete !== null,
    content: content !== null || fields.toolCall !== null,
    turnComplete: inner?.turnComplete?.value === true,
    toolCall: fields.toolCall !== null,
    goAway: fields.goAway !== null,
    handle: fields.sessionResumptionUpdate === null ? null : handleOf(message, fields.sessionResumptionUpdate, bytes),
    usage: fields.usageMetadata === null ? null : usageOf(message, fields.usageMetadata, bytes),
    reason: typeof reason === "string" ? reason.slice(0, 100) : null,
  };
}

// --- helpers ---

function handleOf(message: Uint8Array, { start, end }: FoundField, bytes: Bytes): string | null {
  const { newHandle } = findFields({ body: message.subarray(start, end), names: ["newHandle"], bytes }).fields;
  return typeof newHandle?.value === "string" && newHandle.value !== "" ? newHandle.value : null;
}

function usageOf(message: Uint8Array, { start, end }: FoundField, bytes: Bytes): Usage | null {
  return end - start > parsedLimit ? null : parseUsage(bytes.decode(message, start, end), "gemini");
}
