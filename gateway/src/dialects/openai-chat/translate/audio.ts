/**
 * Speech of an answer: Google sends raw samples, OpenAI's clients want a file that they can play (fact sheet translation
 * 1.1), or the raw samples as `pcm16`.
 * @module
 */
import { fromBase64, toBase64 } from "./base64-text.ts";

/** Joins the pieces of one answer's sound. */
export interface SoundJoiner {
  /** Base64 that can be written now; each piece decodes alone to whole samples, and all together to one file. */
  push(mimeType: string, data: string): string;
  /** The rest, base64. */
  end(): string;
}

/**
 * Makes a joiner.
 * @param options.isWhole everything is held until `end`, and the file says its true length; otherwise it says "unknown",
 * as streamed files do
 */
export function createSoundJoiner(options: { format: "wav" | "pcm16"; isWhole: boolean }): SoundJoiner {
  let held: Uint8Array[] = [];
  let heldLength = 0;
  let samples: Samples | null = null;
  let hasBegun = false;

  const hold = (bytes: Uint8Array): void => {
    held.push(bytes);
    heldLength += bytes.length;
  };

  const release = (length: number): string => {
    const whole = joined(held, heldLength);
    const rest = whole.subarray(length);
    held = rest.length === 0 ? [] : [rest];
    heldLength = rest.length;
    return toBase64(whole.subarray(0, length));
  };

  return {
    push(mimeType, data) {
      if (!hasBegun) {
        hasBegun = true;
        samples = options.format === "wav" ? readSamples(mimeType) : null;
        if (samples !== null && !options.isWhole) hold(wavHead(samples, null));
      }
      // What is no base64 is no sound either.
      hold(fromBase64(data) ?? new Uint8Array(0));
      return options.isWhole ? "" : release(heldLength - (heldLength % pieceUnit));
    },
    end() {
      if (options.isWhole && samples !== null) {
        const head = wavHead(samples, heldLength);
        held.unshift(head);
        heldLength += head.length;
      }
      return release(heldLength);
    },
  };
}

// --- helpers ---

interface Samples {
  /** Samples a second. */
  rate: number;
  channels: number;
}

/** Whole groups of base64 (3 bytes) and whole samples (2 bytes). */
const pieceUnit = 6;
const unknownLength = 0xffffffff;

/** What `audio/L16;codec=pcm;rate=24000` says; null: it is no raw samples, but a file already. */
function readSamples(mimeType: string): Samples | null {
  if (!/^audio\/(?:l16|pcm)\b/i.test(mimeType)) return null;
  const rate = Number(/rate=(\d{1,6})/i.exec(mimeType)?.[1] ?? 24_000);
  const channels = Number(/channels=(\d)/i.exec(mimeType)?.[1] ?? 1);
  return { rate, channels };
}

/** The 44 bytes before the samples of a WAVE file. */
function wavHead(samples: Samples, length: number | null): Uint8Array {
  const { rate, channels } = samples;
  const frame = channels * 2;
  const bytes = new Uint8Array(44);
  const view = new DataView(bytes.buffer);
  const letters = (at: number, word: string): void => {
    for (let index = 0; index < word.length; index += 1) bytes[at + index] = word.charCodeAt(index);
  };
  letters(0, "RIFF");
  view.setUint32(4, length === null ? unknownLength : length + 36, true);
  letters(8, "WAVEfmt ");
  view.setUint32(16, 16, true);
  view.setUint16(20, 1, true);
  view.setUint16(22, channels, true);
  view.setUint32(24, rate, true);
  view.setUint32(28, rate * frame, true);
  view.setUint16(32, frame, true);
  view.setUint16(34, 16, true);
  letters(36, "data");
  view.setUint32(40, length ?? unknownLength, true);
  return bytes;
}

function joined(pieces: readonly Uint8Array[], length: number): Uint8Array {
  const [only] = pieces;
  if (only !== undefined && pieces.length === 1) return only;
  const whole = new Uint8Array(length);
  let at = 0;
  for (const piece of pieces) {
    whole.set(piece, at);
    at += piece.length;
  }
  return whole;
}
