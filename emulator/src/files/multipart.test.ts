import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { splitRelated } from "./multipart.ts";

const TYPE = "multipart/related; boundary=edge";

const bodyOf = (metadata: string, content: Uint8Array, lineEnd = "\r\n"): Buffer =>
  Buffer.concat([
    Buffer.from(`--edge${lineEnd}Content-Type: application/json${lineEnd}${lineEnd}${metadata}${lineEnd}`),
    Buffer.from(`--edge${lineEnd}Content-Type: image/png${lineEnd}${lineEnd}`),
    content,
    Buffer.from(`${lineEnd}--edge--${lineEnd}`),
  ]);

describe("multipart/related", () => {
  it("gives any two parts back as they were", () => {
    fc.assert(
      fc.property(fc.json(), fc.uint8Array({ maxLength: 200 }), (metadata, content) => {
        fc.pre(!Buffer.from(content).includes("\n--edge"));
        expect(splitRelated(bodyOf(metadata, content), TYPE)).toEqual({
          metadata,
          mimeType: "image/png",
          content: Buffer.from(content),
        });
      }),
    );
  });

  it("takes bare line feeds and parts without headers", () => {
    expect(splitRelated(bodyOf("{}", Buffer.from("x"), "\n"), TYPE)?.content.toString()).toBe("x");
    const bare = Buffer.from("--edge\r\n\r\n{}\r\n--edge\r\n\r\nx\r\n--edge--");
    expect(splitRelated(bare, TYPE)).toEqual({ metadata: "{}", mimeType: null, content: Buffer.from("x") });
  });

  it("never fails on anything else", () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom("--edge", "\r\n", "\n", "--", "a: b", "{}") }), (body) => {
        const found = splitRelated(Buffer.from(body), TYPE);
        expect(found === null || typeof found.metadata === "string").toBe(true);
      }),
    );
    expect(splitRelated(bodyOf("{}", Buffer.from("x")), "application/json; boundary=edge")).toBeNull();
    expect(splitRelated(bodyOf("{}", Buffer.from("x")), "multipart/related")).toBeNull();
  });
});
