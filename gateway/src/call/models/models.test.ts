import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { portableBytes } from "../../core/portable-bytes.ts";
import type { CollectedBody } from "../host.ts";
import { identify } from "../identity.ts";
import type { Identity } from "../identity.ts";
import { renameInBody, withModel } from "./rename.ts";
import { withStoreOff } from "./store-off.ts";

describe("another model in the path", () => {
  const of = (url: string): Identity => identify("POST", url, { google: true }) as Identity;

  test.each([
    ["/v1beta/models/fast:generateContent", "/v1beta/models/real-1:generateContent"],
    [
      "/v1/models/fast:streamGenerateContent?alt=sse&x=models/fast",
      "/v1/models/real-1:streamGenerateContent?alt=sse&x=models/fast",
    ],
    ["/v1beta/models/fast%3AgenerateContent", "/v1beta/models/real-1%3AgenerateContent"],
    ["/models/fast:countTokens", "/v1beta/models/real-1:countTokens"],
  ])("%s becomes %s", (from, to) => {
    const renamed = withModel(of(from), "real-1");
    expect(renamed.target).toBe(to);
    expect(renamed.model).toBe("real-1");
  });

  test("a tuned model takes the place of a model", () => {
    expect(withModel(of("/v1beta/models/fast:generateContent"), "tunedModels/mine").target).toBe(
      "/v1beta/tunedModels/mine:generateContent",
    );
  });

  test("a path that names none stays as it is", () => {
    const identity = of("/v1beta/files");
    expect(withModel(identity, "real-1")).toBe(identity);
  });
});

describe("another model in the body", () => {
  test("only the outermost model changes, and a models/ before it stays", () => {
    const text = '{"messages":[{"content":"\\"model\\":\\"fast\\""}], "model" : "models/fast" ,"n":1}';
    expect(textOf(renameInBody(bodyOf(text), "real", portableBytes))).toBe(
      '{"messages":[{"content":"\\"model\\":\\"fast\\""}], "model" : "models/real" ,"n":1}',
    );
  });

  test("any JSON body names the new model and is otherwise the same, however it was cut", () => {
    fc.assert(
      fc.property(
        fc.dictionary(fc.string(), fc.jsonValue()),
        fc.string({ minLength: 1 }),
        fc.nat(40),
        (rest, old, cut) => {
          const text = JSON.stringify({ ...rest, model: old.replace(/^models\//, "") || "m", z: 1 });
          const renamed = renameInBody(bodyOf(text, cut), "new-model", portableBytes);
          const parsed = JSON.parse(textOf(renamed)) as Record<string, unknown>;
          expect(parsed).toEqual({ ...(JSON.parse(text) as object), model: "new-model" });
          expect(renamed.length).toBe(renamed.chunks.reduce((sum, chunk) => sum + chunk.length, 0));
        },
      ),
    );
  });

  test("a body without one stays as it is", () => {
    const body = bodyOf('{"contents":[]}');
    expect(renameInBody(body, "real", portableBytes)).toBe(body);
  });
});

describe("store: false", () => {
  test("is added at the top level where nothing is said, however the body was cut", () => {
    fc.assert(
      fc.property(
        fc.dictionary(
          fc.string().filter((name) => name !== "store"),
          fc.jsonValue(),
        ),
        fc.nat(40),
        (value, cut) => {
          const text = JSON.stringify(value);
          const body = withStoreOff(bodyOf(text, cut), portableBytes);
          expect(JSON.parse(textOf(body))).toEqual({ ...(JSON.parse(text) as object), store: false });
          expect(body.length).toBe(textOf(body).length === 0 ? 0 : portableBytes.encode(textOf(body)).length);
        },
      ),
    );
  });

  test.each(['{"store":true}', '{"contents":[],"store":false}', "[1]", "", '{"contents":'])(
    "leaves %j alone",
    (text) => {
      const body = bodyOf(text);
      expect(withStoreOff(body, portableBytes)).toBe(body);
    },
  );

  test("white space in an empty object is no member", () => {
    expect(JSON.parse(textOf(withStoreOff(bodyOf(" { \n } "), portableBytes)))).toEqual({ store: false });
  });
});

// --- helpers ---

function bodyOf(text: string, cut = 0): CollectedBody {
  const bytes = portableBytes.encode(text);
  const at = Math.min(cut, bytes.length);
  const chunks = [bytes.subarray(0, at), bytes.subarray(at)].filter((chunk) => chunk.length > 0);
  return { chunks, length: bytes.length };
}

function textOf(body: CollectedBody): string {
  return portableBytes.decode(portableBytes.concat(body.chunks));
}
