/** @module `multipart/related` with two parts: the metadata as JSON, then the bytes (RFC 2387). */

/** The two parts. */
export interface RelatedParts {
  metadata: string;
  /** Of the second part; null when it names none. */
  mimeType: string | null;
  content: Buffer;
}

/** Takes a body apart; null when it is not two parts between the boundaries that the type names. */
export function splitRelated(body: Buffer, contentType: string): RelatedParts | null {
  const boundary = /boundary=(?:"([^"]{1,200})"|([^;\s]{1,200}))/i.exec(contentType);
  const mark = boundary?.[1] ?? boundary?.[2];
  if (mark === undefined || !/^multipart\//i.test(contentType)) return null;
  const first = readPart(body, 0, mark);
  const second = first && readPart(body, first.end, mark);
  if (!first || !second) return null;
  return { metadata: first.content.toString(), mimeType: second.mimeType, content: second.content };
}

// --- helpers ---

interface Part {
  mimeType: string | null;
  content: Buffer;
  /** Where the boundary after it begins. */
  end: number;
}

function readPart(body: Buffer, from: number, mark: string): Part | null {
  const opening = body.indexOf(`--${mark}`, from);
  const lineEnd = opening < 0 ? -1 : body.indexOf("\n", opening);
  if (lineEnd < 0) return null;
  // A part without headers begins with the empty line itself.
  const headEnd = endOfHead(body, lineEnd + 1);
  if (!headEnd) return null;
  const end = body.indexOf(`\n--${mark}`, headEnd.at - 1);
  if (end < 0) return null;
  const content = body.subarray(headEnd.at, Math.max(headEnd.at, body[end - 1] === CR ? end - 1 : end));
  const mimeType = /^content-type:\s*([^\r\n]+)/im.exec(headEnd.head)?.[1]?.trim() ?? null;
  return { mimeType, content, end: end + 1 };
}

const CR = 0x0d;
const LARGEST_HEAD = 8_192;

function endOfHead(body: Buffer, from: number): { head: string; at: number } | null {
  const text = body.subarray(from, from + LARGEST_HEAD).toString("latin1");
  const match = /^(?:[^\r\n]+\r?\n)*\r?\n/.exec(text);
  return match ? { head: match[0], at: from + match[0].length } : null;
}
