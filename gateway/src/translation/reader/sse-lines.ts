/**
 * The data of server-sent events out of bytes that are cut anywhere (WHATWG HTML 9.2). Lines end in LF or CRLF.
 * @module
 */

/** Reads one stream. */
export interface SseReader {
  /**
   * Takes bytes; they may be used again afterwards.
   * @returns false: an event is larger than the bound; nothing is read any more
   */
  push(chunk: Uint8Array): boolean;
  /** After the last byte: an event without a blank line behind it counts. */
  end(): "whole" | "cut";
}

/** What a reader needs. */
export interface SseReaderOptions {
  decoder: { decode(bytes: Uint8Array, start?: number, end?: number): string };
  /** Largest event in bytes, without line ends. */
  maxEventBytes: number;
  /**
   * Gets the data of each event: its lines, joined by LF.
   * @returns false: nothing more is wanted
   */
  onData(data: string): boolean;
}

const lineFeed = 10;
const carriageReturn = 13;
const space = 32;
/** `data:` */
const dataField = [100, 97, 116, 97, 58] as const;

/** Makes a reader. */
export function createSseReader({ decoder, maxEventBytes, onData }: SseReaderOptions): SseReader {
  /** Pieces of a line whose end has not come. */
  let held: Uint8Array[] = [];
  let heldBytes = 0;
  let data: string | null = null;
  /** Of the event's finished lines. */
  let eventBytes = 0;
  let isOpen = true;

  function dispatch(): void {
    eventBytes = 0;
    if (data === null) return;
    const whole = data;
    data = null;
    if (!onData(whole)) isOpen = false;
  }

  /** Without the line's end. Decoding by lines is safe: UTF-8 never has an LF inside a character. */
  function readLine(bytes: Uint8Array, start: number, lineEnd: number): void {
    const end = lineEnd > start && bytes[lineEnd - 1] === carriageReturn ? lineEnd - 1 : lineEnd;
    if (end === start) {
      dispatch();
      return;
    }
    eventBytes += end - start;
    if (eventBytes > maxEventBytes) {
      isOpen = false;
      return;
    }
    if (!hasPrefix(bytes, start, end)) return;
    const from = bytes[start + dataField.length] === space ? start + dataField.length + 1 : start + dataField.length;
    const text = from >= end ? "" : decoder.decode(bytes, from, end);
    data = data === null ? text : `${data}\n${text}`;
  }

  function hold(piece: Uint8Array): void {
    held.push(piece);
    heldBytes += piece.length;
    // A CR at the very end may belong to the line's end.
    const counted = piece[piece.length - 1] === carriageReturn ? heldBytes - 1 : heldBytes;
    if (eventBytes + counted > maxEventBytes) isOpen = false;
  }

  function takeHeld(): Uint8Array {
    const line = concat(held, heldBytes);
    held = [];
    heldBytes = 0;
    return line;
  }

  return {
    push(chunk) {
      let at = 0;
      while (isOpen && at < chunk.length) {
        const end = chunk.indexOf(lineFeed, at);
        if (end < 0) {
          hold(chunk.slice(at));
          break;
        }
        if (heldBytes === 0) readLine(chunk, at, end);
        else {
          held.push(chunk.subarray(at, end));
          heldBytes += end - at;
          const line = takeHeld();
          readLine(line, 0, line.length);
        }
        at = end + 1;
      }
      if (!isOpen) held = [];
      return isOpen;
    },
    end() {
      if (!isOpen) return "cut";
      const line = takeHeld();
      if (line.length > 0) readLine(line, 0, line.length);
      if (isOpen) dispatch();
      return isOpen && !isBegunField(line) ? "whole" : "cut";
    },
  };
}

/** Many pieces as one. */
export function concat(pieces: readonly Uint8Array[], length: number): Uint8Array {
  const [only] = pieces;
  if (pieces.length === 1 && only !== undefined) return only;
  const whole = new Uint8Array(length);
  let at = 0;
  for (const piece of pieces) {
    whole.set(piece, at);
    at += piece.length;
  }
  return whole;
}

// --- helpers ---

function hasPrefix(bytes: Uint8Array, start: number, end: number): boolean {
  return (
    end - start >= dataField.length &&
    bytes[start] === dataField[0] &&
    bytes[start + 1] === dataField[1] &&
    bytes[start + 2] === dataField[2] &&
    bytes[start + 3] === dataField[3] &&
    bytes[start + 4] === dataField[4]
  );
}

/** `d`, `da`, `dat`, `data`: the stream was cut in the name of the field. */
function isBegunField(line: Uint8Array): boolean {
  return line.length > 0 && line.length < dataField.length && line.every((byte, index) => byte === dataField[index]);
}
