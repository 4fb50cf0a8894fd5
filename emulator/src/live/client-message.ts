/** @module What a Live client says, checked and in camelCase. */

import { isRefusal } from "../answer/admit-call.ts";
import type { Content, GenerateRequest, GenerationConfig, Part } from "../answer/gemini-types.ts";
import type { ApiError } from "../errors/api-error.ts";
import { apiError } from "../errors/api-error.ts";
import { parseMessage } from "../native/parse-message.ts";

/** `setup`, the members that change what the emulator does. */
export interface LiveSetup {
  model?: string;
  generationConfig?: GenerationConfig;
  systemInstruction?: Content;
  tools?: NonNullable<GenerateRequest["tools"]>;
  realtimeInputConfig?: { automaticActivityDetection?: { disabled?: boolean }; activityHandling?: string };
  sessionResumption?: { handle?: string; transparent?: boolean };
  inputAudioTranscription?: unknown;
  outputAudioTranscription?: unknown;
  [member: string]: unknown;
}

/** A piece of media. */
export interface Blob {
  mimeType?: string;
  /** Base64. */
  data?: string;
}

/** `realtimeInput`. */
export interface RealtimeInput {
  mediaChunks?: Blob[];
  audio?: Blob;
  video?: Blob;
  text?: string;
  activityStart?: unknown;
  activityEnd?: unknown;
  audioStreamEnd?: boolean;
}

/** One message; exactly one member. */
export type ClientMessage =
  | { setup: LiveSetup }
  | { clientContent: { turns?: Content[]; turnComplete?: boolean } }
  | { realtimeInput: RealtimeInput }
  | { toolResponse: { functionResponses?: NonNullable<Part["functionResponse"]>[] } };

/** Parses and checks a message; an error is what the session is to be closed with. */
export function parseClientMessage(text: string): ClientMessage | ApiError {
  const parsed = parseMessage(text, "BidiGenerateContentClientMessage");
  if (isRefusal(parsed)) return parsed;
  if (Object.keys(parsed).length === 1) return parsed as ClientMessage;
  return apiError("INVALID_ARGUMENT", "Request contains an invalid argument.");
}
