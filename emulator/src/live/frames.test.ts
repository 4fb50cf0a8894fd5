import fc from "fast-check";
import { describe, expect, it } from "vitest";

import type { FrameEvent, FrameSpec } from "./frames.ts";
import { closePayload, createFrameReader, encodeFrame, OPCODE, truncateReason } from "./frames.ts";

const MASK = Buffer.from([1, 2, 3, 4]);

/** Reads bytes cut at the given places. */
const readAll = (bytes: Buffer, cuts: number[], maxMessageBytes = 1_000_000): FrameEvent[] => {
  const reader = createFrameReader({ masked: true, maxMessageBytes });
  const places = [...new Set(cuts.map((cut) => cut % (bytes.length + 1)))].sort((left, right) => left - right);
  const events: FrameEvent[] = [];
  let start = 0;
  for (const end of [...places, bytes.length]) {
    events.push(...reader.push(bytes.subarray(start, end)));
    start = end;
  }
  return events;
};
const read = (...frames: FrameSpec[]): FrameEvent[] =>
  readAll(Buffer.concat(frames.map((frame) => encodeFrame({ mask: MASK, ...frame }))), []);

const bytesArbitrary = fc.uint8Array({ maxLength: 400 }).map((bytes) => Buffer.from(bytes));
const textArbitrary = fc.string({ unit: "binary", maxLength: 200 }).map((text) => Buffer.from(text));
const maskArbitrary = fc.uint8Array({ minLength: 4, maxLength: 4 }).map((bytes) => Buffer.from(bytes));

/** A message as its fragments, with pings in between. */
const messageArbitrary = fc
  .record({
    binary: fc.boolean(),
    text: textArbitrary,
    bytes: bytesArbitrary,
    fragments: fc.integer({ min: 1, max: 5 }),
    pings: fc.boolean(),
    mask: maskArbitrary,
  })
  .map(({ binary, text, bytes, fragments, pings, mask }) => {
    const data = binary ? bytes : text;
    const size = Math.ceil(data.length / fragments);
    const frames: FrameSpec[] = [];
    for (let index = 0; index < fragments; index++) {
      const opcode = index > 0 ? OPCODE.continuation : binary ? OPCODE.binary : OPCODE.text;
      if (pings && index > 0) frames.push({ opcode: OPCODE.ping, data: Buffer.from([index]), mask });
      const piece = data.subarray(index * size, (index + 1) * size);
      frames.push({ opcode, data: piece, final: index === fragments - 1, mask });
    }
    return { binary, data, frames };
  });

describe("frames", () => {
  it("come out as they went in, however the bytes are cut and the messages fragmented", () => {
    fc.assert(
      fc.property(fc.array(messageArbitrary, { maxLength: 6 }), fc.array(fc.nat()), (messages, cuts) => {
        const bytes = Buffer.concat(messages.flatMap(({ frames }) => frames.map((frame) => encodeFrame(frame))));
        const events = readAll(bytes, cuts).filter(({ kind }) => kind !== "ping");
        expect(events).toEqual(messages.map(({ binary, data }) => ({ kind: "message", binary, data })));
      }),
    );
  });

  it("survive any bytes: events or one failure, never an exception", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), fc.array(fc.nat()), (bytes, cuts) => {
        const events = readAll(Buffer.from(bytes), cuts, 1_000);
        const ends = events.filter(({ kind }) => kind === "failure" || kind === "close");
        expect(ends.length).toBeLessThanOrEqual(1);
        if (ends.length === 1) expect(events.at(-1)).toBe(ends[0]);
      }),
    );
  });

  it.each([0, 125, 126, 65_535, 65_536, 200_000])("carry %i bytes", (size) => {
    const data = Buffer.alloc(size, 7);
    expect(read({ opcode: OPCODE.binary, data })).toEqual([{ kind: "message", binary: true, data }]);
  });

  it("are refused with 1009 by their header when they are too large, also in fragments", () => {
    const head = encodeFrame({ opcode: OPCODE.text, data: Buffer.alloc(2_000_000, 97), mask: MASK }).subarray(0, 10);
    expect(readAll(head, [])).toMatchObject([{ kind: "failure", code: 1009 }]);
    const half = Buffer.alloc(600_000, 97);
    const fragments = [
      { opcode: OPCODE.text, data: half, final: false },
      { opcode: OPCODE.continuation, data: half },
    ];
    expect(read(...fragments)).toMatchObject([{ kind: "failure", code: 1009 }]);
    const endless = Buffer.from([0x82, 0xff, ...Array<number>(8).fill(0xff)]);
    expect(readAll(endless, [])).toMatchObject([{ kind: "failure", code: 1002 }]);
  });

  it.each<[string, FrameSpec[]]>([
    ["a continuation of nothing", [{ opcode: OPCODE.continuation, data: MASK }]],
    [
      "a message inside a message",
      [
        { opcode: OPCODE.text, data: MASK, final: false },
        { opcode: OPCODE.text, data: MASK },
      ],
    ],
    ["a fragmented ping", [{ opcode: OPCODE.ping, data: MASK, final: false }]],
    ["a long ping", [{ opcode: OPCODE.ping, data: Buffer.alloc(126) }]],
    ["an unknown opcode", [{ opcode: 3, data: MASK }]],
    ["a close of one byte", [{ opcode: OPCODE.close, data: Buffer.from([3]) }]],
    ["a close with code 1006", [{ opcode: OPCODE.close, data: closePayload(1006, "") }]],
    ["reserved bits", [{ opcode: 0x41, data: MASK }]],
  ])("with %s fail with 1002", (_, frames) => {
    expect(read(...frames).at(-1)).toMatchObject({ kind: "failure", code: 1002 });
  });

  it("of a client that does not mask fail with 1002, and so do masked ones of a server", () => {
    const reader = createFrameReader({ masked: true, maxMessageBytes: 10 });
    expect(reader.push(encodeFrame({ opcode: OPCODE.text, data: MASK }))).toMatchObject([{ code: 1002 }]);
    const client = createFrameReader({ masked: false, maxMessageBytes: 10 });
    expect(client.push(encodeFrame({ opcode: OPCODE.text, data: MASK, mask: MASK }))).toMatchObject([{ code: 1002 }]);
  });

  it("of text that is not UTF-8 fail with 1007", () => {
    const half = Buffer.from([0xe2, 0x82]);
    expect(read({ opcode: OPCODE.text, data: half })).toMatchObject([{ kind: "failure", code: 1007 }]);
  });

  it("after a close are not read", () => {
    const events = read({ opcode: OPCODE.close, data: closePayload(4000, "bye") }, { opcode: OPCODE.text, data: MASK });
    expect(events).toEqual([{ kind: "close", code: 4000, reason: "bye" }]);
    expect(read({ opcode: OPCODE.close, data: Buffer.alloc(0) })).toMatchObject([{ code: 1005 }]);
  });
});

describe("close reasons", () => {
  it("are cut to 123 bytes between characters", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme", maxLength: 200 }), (reason) => {
        const cut = truncateReason(reason);
        expect(Buffer.byteLength(cut)).toBeLessThanOrEqual(123);
        expect(reason.startsWith(cut)).toBe(true);
        if (Buffer.byteLength(reason) > 123) expect(Buffer.byteLength(cut)).toBeGreaterThan(119);
        expect(closePayload(1011, reason)).toHaveLength(2 + Buffer.byteLength(cut));
      }),
    );
  });
});
