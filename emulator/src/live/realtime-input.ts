/** @module What a user streams into a session: sound, pictures and text, until there is silence or the client says so. */

import type { TokensByModality } from "../answer/count-tokens.ts";
import { countPartTokens, countTextTokens } from "../answer/count-tokens.ts";
import type { Content, Part } from "../answer/gemini-types.ts";
import type { Blob, LiveSetup, RealtimeInput } from "./client-message.ts";
import { addTokens } from "./history.ts";

/** What one message of input leads to. */
export interface InputEffect {
  /** The user began to speak: whatever is being said may be interrupted. */
  began: boolean;
  /** The user is done: what was said. */
  turn: UserTurn | null;
}

/** What a user said. */
export interface UserTurn {
  content: Content;
  tokens: TokensByModality;
  /** For `inputTranscription`; null without sound. */
  heard: string | null;
}

/** Collects input. What it keeps is counts and text; sound is not stored. */
export interface InputCollector {
  /** Takes one message. */
  take(input: RealtimeInput): InputEffect;
}

/**
 * Without automatic detection a turn lasts from `activityStart` to `activityEnd`. With it, a turn begins with sound and
 * ends with a chunk of nothing but zeros, or with `audioStreamEnd`; a text that nobody speaks over is a turn of its own.
 */
export function createInputCollector(setup: LiveSetup): InputCollector {
  const automatic = setup.realtimeInputConfig?.automaticActivityDetection?.disabled !== true;
  let gathered = emptyInput();
  let active = false;

  const complete = (): UserTurn | null => {
    active = false;
    const { audioBytes, texts, tokens } = gathered;
    const parts: Part[] = [];
    if (audioBytes > 0) parts.push({ inlineData: { mimeType: gathered.audioType, data: "" } });
    if (gathered.pictures > 0) parts.push({ inlineData: { mimeType: "image/jpeg", data: "" } });
    if (texts !== "") parts.push({ text: texts });
    addTokens(tokens, { AUDIO: Math.ceil(audioBytes / 1_000) });
    gathered = emptyInput();
    if (parts.length === 0) return null;
    // 16 bit at 16 kHz: 32 bytes a millisecond.
    const heard = audioBytes > 0 ? `${Math.round(audioBytes / 32)} milliseconds of sound` : null;
    return { content: { role: "user", parts }, tokens, heard };
  };
  const hear = (blob: Blob): boolean => {
    const { mimeType = "audio/pcm", data = "" } = blob;
    if (!mimeType.startsWith("audio/")) {
      gathered.pictures++;
      addTokens(gathered.tokens, { IMAGE: countPartTokens({ inlineData: { mimeType: "image/jpeg" } }).tokens });
      return false;
    }
    gathered.audioType = mimeType;
    gathered.audioBytes += Buffer.byteLength(data, "base64");
    return true;
  };
  return {
    take: (input) => {
      const blobs = [...(input.mediaChunks ?? []), input.audio, input.video].filter((blob) => blob !== undefined);
      const sounds = blobs.filter(hear);
      const loud = sounds.some(({ data = "" }) => !SILENCE.test(data));
      if (input.text !== undefined && gathered.texts.length < MAX_TEXT) {
        gathered.texts += input.text;
        addTokens(gathered.tokens, { TEXT: countTextTokens(input.text) });
      }
      const began = !active && (input.activityStart !== undefined || (automatic && loud));
      if (began) active = true;
      const paused = automatic && active && sounds.length > 0 && !loud;
      const over =
        input.activityEnd !== undefined ||
        (automatic && input.audioStreamEnd === true) ||
        paused ||
        (input.text !== undefined && !active);
      const turn = over ? complete() : null;
      return { began: began || (turn !== null && input.text !== undefined), turn };
    },
  };
}

// --- helpers ---

const MAX_TEXT = 1_000_000;
/** Base64 of zeros. */
const SILENCE = /^A*=*$/;

function emptyInput(): {
  audioBytes: number;
  audioType: string;
  pictures: number;
  texts: string;
  tokens: TokensByModality;
} {
  return { audioBytes: 0, audioType: "audio/pcm", pictures: 0, texts: "", tokens: {} };
}
