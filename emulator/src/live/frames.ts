/** @module WebSocket frames (RFC 6455, section 5): a reader that is fed bytes as they come, and a writer. No extensions. */

import { isUtf8 } from "node:buffer";

/** What a reader found. After `close` or `failure` it reads no further. */
export type FrameEvent =
  | { kind: "message"; binary: boolean; data: Buffer }
  | { kind: "ping" | "pong"; data: Buffer }
  /** `code` is 1005 when the frame had none. */
  | { kind: "close"; code: number; reason: string }
  /** The peer broke the protocol; `code` is what the connection is to be closed with. */
  | { kind: "failure"; code: 1002 | 1007 | 1009; reason: string };

/** Reads frames of one peer. */
export interface FrameReader {
  /** Takes the next bytes, cut anywhere, and gives back what they complete, in order. */
  push(bytes: Buffer): FrameEvent[];
}

/** Opcodes. */
export const OPCODE = { continuation: 0, text: 1, binary: 2, close: 8, ping: 9, pong: 10 } as const;

/**
 * @param options.masked Whether the peer is a client: its frames must be masked, those of a server must not.
 * @param options.maxMessageBytes Largest message over all its fragments; a longer one is refused by its header, before it is buffered.
 */
export function createFrameReader(options: { masked: boolean; maxMessageBytes: number }): FrameReader {
  const { masked, maxMessageBytes } = options;
  const buffered = createByteQueue();
  let header: Header | null = null;
  let done = false;
  // The message whose fragments are being collected.
  let opened: { binary: boolean; size: number; pieces: Buffer[] } | null = null;

  const judge = ({ opcode, final, reserved, isMasked, length }: Header): FrameEvent | null => {
    if (reserved) return failure(1002, "Reserved bits are set.");
    if (isMasked !== masked) return failure(1002, masked ? "Frame is not masked." : "Frame is masked.");
    if (!KNOWN.has(opcode)) return failure(1002, "Unknown opcode.");
    if (opcode >= OPCODE.close) {
      return final && length <= 125 ? null : failure(1002, "Control frame is fragmented or too long.");
    }
    if ((opcode === OPCODE.continuation) !== (opened !== null)) return failure(1002, "Fragments are out of order.");
    return (opened?.size ?? 0) + length > maxMessageBytes ? failure(1009, "Message is too large.") : null;
  };
  const finish = ({ opcode, final }: Header, payload: Buffer): FrameEvent | null => {
    if (opcode === OPCODE.close) return closeEvent(payload);
    if (opcode === OPCODE.ping) return { kind: "ping", data: payload };
    if (opcode === OPCODE.pong) return { kind: "pong", data: payload };
    opened ??= { binary: opcode === OPCODE.binary, size: 0, pieces: [] };
    if (payload.length > 0) opened.pieces.push(payload);
    opened.size += payload.length;
    if (!final) return null;
    const { binary, pieces } = opened;
    opened = null;
    const data = pieces.length === 1 && pieces[0] ? pieces[0] : Buffer.concat(pieces);
    if (!binary && !isUtf8(data)) return failure(1007, "Text is not UTF-8.");
    return { kind: "message", binary, data };
  };
  return {
    push: (bytes) => {
      const events: FrameEvent[] = [];
      if (done) return events;
      buffered.add(bytes);
      for (;;) {
        if (!header) {
          header = readHeader(buffered);
          if (!header) return events;
          const refused = header.length < 0 ? failure(1002, "Length is out of range.") : judge(header);
          if (refused) {
            done = true;
            return [...events, refused];
          }
        }
        const needed = header.length + (header.isMasked ? 4 : 0);
        if (buffered.size() < needed) return events;
        const mask = header.isMasked ? buffered.take(4) : null;
        const payload = buffered.take(header.length);
        if (mask) applyMask(payload, mask);
        const event = finish(header, payload);
        header = null;
        if (!event) continue;
        events.push(event);
        if (event.kind === "close" || event.kind === "failure") {
          done = true;
          return events;
        }
      }
    },
  };
}

/** One frame to be written. */
export interface FrameSpec {
  opcode: number;
  data: Buffer;
  /** @default true */
  final?: boolean;
  /** Four bytes; a client must give them, a server must not. */
  mask?: Buffer;
}

/** The bytes of a frame. */
export function encodeFrame({ opcode, data, final = true, mask }: FrameSpec): Buffer {
  const { length } = data;
  const extended = length < 126 ? 0 : length < 65_536 ? 2 : 8;
  const frame = Buffer.allocUnsafe(2 + extended + (mask ? 4 : 0) + length);
  frame[0] = (final ? 0x80 : 0) | opcode;
  frame[1] = (mask ? 0x80 : 0) | (extended === 0 ? length : extended === 2 ? 126 : 127);
  if (extended === 2) frame.writeUInt16BE(length, 2);
  if (extended === 8) frame.writeBigUInt64BE(BigInt(length), 2);
  if (mask) mask.copy(frame, 2 + extended);
  const start = frame.length - length;
  data.copy(frame, start);
  if (mask) applyMask(frame.subarray(start), mask);
  return frame;
}

/** The payload of a close frame; the reason is cut to 123 bytes, between characters. */
export function closePayload(code: number, reason: string): Buffer {
  const words = Buffer.from(truncateReason(reason));
  const payload = Buffer.allocUnsafe(2 + words.length);
  payload.writeUInt16BE(code, 0);
  words.copy(payload, 2);
  return payload;
}

/** A text cut to what a close frame can carry: 123 bytes of UTF-8, no character cut in two. */
export function truncateReason(reason: string): string {
  const bytes = Buffer.from(reason);
  if (bytes.length <= MAX_REASON_BYTES) return bytes.toString();
  let end = MAX_REASON_BYTES;
  while (((bytes[end] ?? 0) & 0b1100_0000) === 0b1000_0000) end--;
  return bytes.subarray(0, end).toString();
}

// --- helpers ---

const MAX_REASON_BYTES = 123;
const KNOWN = new Set<number>(Object.values(OPCODE));

interface Header {
  final: boolean;
  reserved: boolean;
  opcode: number;
  isMasked: boolean;
  /** Bytes of payload; -1 when 64 bits say more than a number holds. */
  length: number;
}

interface ByteQueue {
  add(bytes: Buffer): void;
  size(): number;
  /** A copy of the first bytes, which stay. */
  peek(count: number): Buffer;
  /** The first bytes as a buffer of their own: unmasking changes them in place. */
  take(count: number): Buffer;
}

function readHeader(buffered: ByteQueue): Header | null {
  if (buffered.size() < 2) return null;
  const [first = 0, second = 0] = buffered.peek(2);
  const short = second & 0x7f;
  const extended = short < 126 ? 0 : short === 126 ? 2 : 8;
  if (buffered.size() < 2 + extended) return null;
  const bytes = buffered.take(2 + extended);
  let length = short;
  if (extended === 2) length = bytes.readUInt16BE(2);
  if (extended === 8) {
    const long = bytes.readBigUInt64BE(2);
    length = long > BigInt(Number.MAX_SAFE_INTEGER) ? -1 : Number(long);
  }
  return {
    final: (first & 0x80) !== 0,
    reserved: (first & 0x70) !== 0,
    opcode: first & 0x0f,
    isMasked: (second & 0x80) !== 0,
    length,
  };
}

function createByteQueue(): ByteQueue {
  let chunks: Buffer[] = [];
  let size = 0;
  const gather = (count: number): Buffer => {
    const gathered = Buffer.allocUnsafe(count);
    let filled = 0;
    for (const chunk of chunks) {
      if (filled >= count) break;
      filled += chunk.copy(gathered, filled, 0, Math.min(chunk.length, count - filled));
    }
    return gathered;
  };
  return {
    add: (bytes) => {
      if (bytes.length === 0) return;
      chunks.push(bytes);
      size += bytes.length;
    },
    size: () => size,
    peek: gather,
    take: (count) => {
      const taken = gather(count);
      size -= count;
      let left = count;
      let whole = 0;
      while (left > 0 && left >= (chunks[whole]?.length ?? Number.POSITIVE_INFINITY)) {
        left -= chunks[whole]?.length ?? 0;
        whole++;
      }
      if (whole > 0) chunks = chunks.slice(whole);
      if (left > 0 && chunks[0]) chunks[0] = chunks[0].subarray(left);
      return taken;
    },
  };
}

function applyMask(payload: Buffer, mask: Buffer): void {
  for (let at = 0; at < payload.length; at++) payload[at] = (payload[at] ?? 0) ^ (mask[at & 3] ?? 0);
}

function closeEvent(payload: Buffer): FrameEvent {
  if (payload.length === 0) return { kind: "close", code: 1005, reason: "" };
  if (payload.length === 1) return failure(1002, "Close frame is malformed.");
  const code = payload.readUInt16BE(0);
  const words = payload.subarray(2);
  if (!isUtf8(words)) return failure(1007, "Close reason is not UTF-8.");
  return isSendableCode(code)
    ? { kind: "close", code, reason: words.toString() }
    : failure(1002, "Close code is not allowed.");
}

// RFC 6455, section 7.4: 1004 to 1006 and 1015 never go over the wire.
function isSendableCode(code: number): boolean {
  return (code >= 1000 && code <= 1003) || (code >= 1007 && code <= 1014) || (code >= 3000 && code <= 4999);
}

function failure(code: 1002 | 1007 | 1009, reason: string): FrameEvent {
  return { kind: "failure", code, reason };
}
