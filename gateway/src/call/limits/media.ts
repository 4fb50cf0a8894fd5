/**
 * What a run of base64 in a body is, and how many tokens it makes.
 * @module
 */
import type { ChunkReader } from "./chunk-reader.ts";

/** Whether a byte can stand in base64 or base64url, or in the `\/` and `\n` that some writers of JSON put into them. */
export function isMediaByte(byte: number): boolean {
  return mediaBytes[byte] === 1;
}

/**
 * Tokens of one run, by the kind that its surroundings name: `mimeType` stands before or after the data, a data URL's kind
 * right before it. Unnamed media count as a picture.
 * @param start first byte of the run
 * @param end byte after it
 */
export function mediaTokens(reader: ChunkReader, start: number, end: number): number {
  const kilobytes = ((end - start) * 3) / 4 / 1024;
  const before = reader.text(start - surroundings, start);
  if (/(?:ignature|encrypted_content)"\s*:\s*"$/.test(before)) return 0;
  const kind = kindIn(before, reader.text(end, end + surroundings));
  if (kind === "audio") return Math.max(1, kilobytes * audioPerKilobyte);
  if (kind === "video") return Math.max(videoLeast, kilobytes * videoPerKilobyte);
  if (kind === "application/pdf") return Math.max(picture, kilobytes * pdfPerKilobyte);
  if (kind === "text") return ((end - start) * 3) / 4 / 4;
  // Ends of large media are found by looks, which may have passed over the place between two of them.
  return picture * Math.ceil(kilobytes / largestPicture);
}

// --- helpers ---

const mediaBytes = new Uint8Array(256);
for (const character of "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/=-_\\")
  mediaBytes[character.charCodeAt(0)] = 1;

/** Bytes on either side in which the kind is looked for. */
const surroundings = 120;

/** Models of the third generation and later take 1,120 tokens for a picture; older ones 258 (fact sheet upstream 5.2). */
const picture = 1_120;
/** Kilobytes; more is more than one. */
const largestPicture = 4_096;
/** 32 tokens a second (fact sheet upstream 5.2) at the 16 KB a second of a usual MP3. */
const audioPerKilobyte = 2;
/** 70 to 258 tokens a second (fact sheet upstream 5.2), at some 125 KB a second. */
const videoPerKilobyte = 1;
const videoLeast = 258;
/** A page is a picture; scanned or not, a page takes some 200 KB. */
const pdfPerKilobyte = picture / 200;

const kinds = /\b(image|audio|video|text|application\/pdf)(?=[/;"'])/;

/** Only the data's own object tells: the one before it may be of another kind. */
function kindIn(before: string, after: string): string | null {
  if (/"input_audio"\s*:\s*\{[^{}]*$/.test(before)) return "audio";
  const ahead = before.slice(before.lastIndexOf("{") + 1);
  const closing = after.indexOf("}");
  return (kinds.exec(ahead) ?? kinds.exec(closing < 0 ? after : after.slice(0, closing)))?.[1] ?? null;
}
