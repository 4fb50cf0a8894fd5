import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createPartReader } from "./part-reader.ts";

function read(body: Buffer, boundary: string, cuts: readonly number[] = []): Buffer {
  const reader = createPartReader(boundary);
  const sorted = [...new Set(cuts.map((cut) => cut % (body.length + 1)))].sort((a, b) => a - b);
  const chunks = [0, ...sorted].map((start, index) => body.subarray(start, sorted[index] ?? body.length));
  return Buffer.concat(chunks.map((chunk) => reader.push(chunk) ?? Buffer.alloc(0)));
}

const related = (content: Buffer, options: { newline?: string; head?: string; preamble?: string } = {}): Buffer => {
  const { newline = "\r\n", head = `Content-Type: text/plain${newline}`, preamble = "" } = options;
  return Buffer.concat([
    Buffer.from(
      `${preamble}--b${newline}Content-Type: application/json${newline}${newline}{"file":{"displayName":"--b"}}${newline}--b${newline}${head}${newline}`,
    ),
    content,
    Buffer.from(`${newline}--b--${newline}`),
  ]);
};

describe("the file in a multipart body", () => {
  it("begins behind the second part's head, wherever the body is cut", () => {
    const content = fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes));
    fc.assert(
      fc.property(content, fc.array(fc.nat(500), { maxLength: 10 }), (bytes, cuts) => {
        const found = read(related(bytes), "b", cuts);
        expect(found.subarray(0, bytes.length).equals(bytes)).toBe(true);
        expect(found.subarray(bytes.length).toString()).toBe("\r\n--b--\r\n");
      }),
    );
  });

  it("may stand behind plain newlines, no head, or a preamble", () => {
    const content = Buffer.from("hello");
    for (const options of [{ newline: "\n" }, { head: "" }, { preamble: "hi --b\r\n" }])
      expect(read(related(content, options), "b").toString()).toMatch(/^hello\r?\n--b--/);
  });

  it("is not found in what is no multipart body, however long, and little of it is held", () => {
    expect(read(Buffer.alloc(200_000, 0x61), "b")).toHaveLength(0);
    const reader = createPartReader("b");
    for (let index = 0; index < 200; index += 1) expect(reader.push(Buffer.from("a"))).toBeNull();
    // Given up: what comes later is not looked at.
    expect(reader.push(related(Buffer.from("hello")))).toBeNull();
  });
});
