import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { portableBytes as bytes } from "../portable-bytes.ts";
import type { Bytes } from "../ports.ts";
import { findFields } from "./find-fields.ts";

const names = ["model", "stream"] as const;

function scan(text: string): ReturnType<typeof findFields<"model" | "stream">> {
  return findFields({ body: bytes.encode(text), names, bytes });
}

function cut(whole: Uint8Array, sizes: readonly number[]): Uint8Array[] {
  const chunks: Uint8Array[] = [];
  let at = 0;
  for (const size of sizes) {
    if (at >= whole.length) break;
    chunks.push(whole.subarray(at, at + size));
    at += size;
  }
  chunks.push(whole.subarray(at));
  return chunks;
}

/** What JSON.parse sees under a name: the string, the boolean, null for another kind, undefined when absent. */
function parsed(object: Record<string, unknown>, name: string): unknown {
  if (!Object.hasOwn(object, name)) return undefined;
  const value = object[name];
  return typeof value === "string" || typeof value === "boolean" ? value : null;
}

const trickyString = fc.oneof(
  fc.string({ unit: "grapheme" }),
  fc.constantFrom("", "\\", '"', '\\\\"', '","model":"x"', '{"model":"no"}', "'", "\u0000", "\ud800", "é😀", "}]{["),
  fc
    .tuple(fc.constantFrom("a", '\\"', "\n", '"', "ü"), fc.integer({ min: 100, max: 400 }))
    .map(([unit, count]) => unit.repeat(count)),
);
const trickyKey = fc.oneof(
  fc.constantFrom("model", "stream", "models", "mode", "Model", "messages", '"model', "mod\\el"),
  trickyString,
);
const trickyValue = fc.letrec((tie) => ({
  value: fc.oneof(
    { depthSize: "small" },
    trickyString,
    fc.boolean(),
    fc.constant(null),
    fc.double({ noNaN: true, noDefaultInfinity: true }),
    fc.array(tie("value"), { maxLength: 4 }),
    fc.dictionary(trickyKey, tie("value"), { maxKeys: 4, noNullPrototype: true }),
  ),
})).value;
const pairs = fc.array(fc.tuple(trickyKey, trickyValue), { maxLength: 8 });

/** Writes an object with repeats, spacing and escapes that JSON.stringify would not make. */
function write(entries: readonly (readonly [string, unknown])[], space: string, escapeKeys: boolean): string {
  const members = entries.map(([key, value]) => {
    const plain = JSON.stringify(key);
    const written =
      escapeKeys && key !== "" && /^[\w]+$/.test(key)
        ? `"\\u${key.charCodeAt(0).toString(16).padStart(4, "0")}${key.slice(1)}"`
        : plain;
    return `${written}${space}:${space}${JSON.stringify(value, null, space === "" ? undefined : 1)}`;
  });
  return `${space}{${space}${members.join(`${space},${space}`)}${space}}${space}`;
}

describe("findFields", () => {
  it("agrees with JSON.parse on generated objects with lookalikes inside, in one piece and in chunks", () => {
    const sizes = fc.array(fc.integer({ min: 0, max: 40 }), { maxLength: 60 });
    fc.assert(
      fc.property(
        pairs,
        fc.constantFrom("", " ", "\r\n\t"),
        fc.boolean(),
        sizes,
        (entries, space, escapeKeys, cuts) => {
          const text = write(entries, space, escapeKeys);
          const object = JSON.parse(text) as Record<string, unknown>;
          const body = bytes.encode(text);
          const found = findFields({ body, names, bytes });
          expect(found.whole).toBe(true);
          for (const name of names) {
            const field = found.fields[name];
            expect(field === null ? undefined : field.value).toStrictEqual(parsed(object, name));
            if (field === null) continue;
            expect(field.repeated).toBe(entries.filter(([key]) => key === name).length > 1);
            expect(JSON.parse(bytes.decode(body, field.start, field.end))).toStrictEqual(object[name]);
          }
          expect(findFields({ body: cut(body, cuts), names, bytes })).toStrictEqual(found);
        },
      ),
      { numRuns: 1500 },
    );
  });

  it("never throws and never loops on bytes that are no JSON, however they are cut", () => {
    const alphabet = fc.constantFrom(..."{}[]:,\"'\\ model:true\n\u{feff}");
    fc.assert(
      fc.property(
        fc.string({ unit: alphabet, maxLength: 60 }),
        fc.array(fc.integer({ min: 0, max: 5 })),
        (text, cuts) => {
          const body = bytes.encode(text);
          const found = findFields({ body, names, bytes });
          expect(findFields({ body: cut(body, cuts), names, bytes })).toStrictEqual(found);
          try {
            const value: unknown = JSON.parse(text);
            expect(found.whole).toBe(typeof value === "object" && value !== null && !Array.isArray(value));
          } catch {
            // Not JSON: nothing more is promised.
          }
        },
      ),
      { numRuns: 3000 },
    );
  });

  it("gives the byte range of the value, counted in bytes and quotes included", () => {
    const text = '{"größe":"ü","model":"gemini-flash","stream":true}';
    const found = scan(text).fields.model;
    expect(found?.value).toBe("gemini-flash");
    expect(bytes.decode(bytes.encode(text), found?.start, found?.end)).toBe('"gemini-flash"');
  });

  it("lets the last of two equal keys win and says that it was repeated, also when one is written with escapes", () => {
    expect(scan('{"model":"a","messages":[],"model":"b"}').fields.model).toMatchObject({ value: "b", repeated: true });
    expect(scan('{"model":"a","\\u006dodel":"b"}').fields.model).toMatchObject({ value: "b", repeated: true });
    expect(scan('{"model":"a"}').fields.model).toMatchObject({ value: "a", repeated: false });
  });

  it("reads what Google's parser reads: single quotes, unquoted keys, trailing commas, a byte order mark", () => {
    expect(scan(`{'model':'a"b\\'c','stream':true}`).fields).toMatchObject({
      model: { value: `a"b'c` },
      stream: { value: true },
    });
    expect(scan(`{model:"a", stream : false,}`)).toMatchObject({
      whole: true,
      fields: { model: { value: "a" }, stream: { value: false } },
    });
    expect(scan('\u{feff}{"model":"a"}').fields.model?.value).toBe("a");
  });

  it("reads single quotes and unquoted keys across any cut between two chunks", () => {
    const text = `{'a':['\\'x"]}',{b:'"'}],model:'it\\'s "ü"',stream:false,'user':"o'k"}`;
    const body = bytes.encode(text);
    const whole = scan(text);
    expect(whole).toMatchObject({ whole: true, fields: { model: { value: `it's "ü"` }, stream: { value: false } } });
    for (let at = 0; at <= body.length; at++)
      expect(findFields({ body: [body.subarray(0, at), body.subarray(at)], names, bytes })).toStrictEqual(whole);
  });

  it("gives null for a value of another kind and null for a field that is not there", () => {
    const { fields, whole } = scan('{"model":["a"],"stream":1}');
    expect(fields.model?.value).toBe(null);
    expect(fields.stream?.value).toBe(null);
    expect(whole).toBe(true);
    expect(scan('{"other":{"model":"a"}}').fields.model).toBe(null);
  });

  it("keeps what came before the place where a body breaks off", () => {
    expect(scan('{"model":"a","messages":[{"content":"abc')).toMatchObject({
      whole: false,
      fields: { model: { value: "a" } },
    });
    expect(scan("[1]")).toMatchObject({ whole: false, fields: { model: null } });
    expect(scan("")).toMatchObject({ whole: false, fields: { model: null } });
    expect(scan('{"model":"a"} x').whole).toBe(false);
  });

  it("finds a model behind 8 MB of base64 in 64 KB chunks without joining them", () => {
    const text = `{"messages":[{"content":"${"QUJD".repeat(2_000_000)}"}],"model":"m"}`;
    const body = bytes.encode(text);
    const chunks: Uint8Array[] = [];
    for (let at = 0; at < body.length; at += 65_536) chunks.push(body.subarray(at, at + 65_536));
    let joined = 0;
    const watched: Bytes = {
      ...bytes,
      concat: (pieces) => bytes.concat(pieces.map((piece) => ((joined += piece.length), piece))),
    };
    expect(findFields({ body: chunks, names, bytes: watched }).fields.model?.value).toBe("m");
    expect(joined).toBeLessThan(100);
  });
});
