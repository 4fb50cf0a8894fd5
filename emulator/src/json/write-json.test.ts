/** @module Tests of the writers of Google's JSON. */

import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { toEventJson, toPrettyJson, toSortedJson } from "./write-json.ts";

describe("writers", () => {
  it("write what JSON.parse reads back to the same value", () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const plain: unknown = JSON.parse(JSON.stringify(value));
        for (const write of [toEventJson, toPrettyJson, toSortedJson]) expect(JSON.parse(write(value))).toEqual(plain);
      }),
    );
  });

  it("never write a line break into an event", () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        expect(toEventJson(value)).not.toMatch(/[\r\n]/);
      }),
    );
  });

  it("space events as the recorded streams do and escape angle brackets", () => {
    expect(toEventJson({ a: [1, { b: "<x>" }], c: undefined, d: null })).toBe(
      String.raw`{"a": [1,{"b": "\u003cx\u003e"}],"d": null}`,
    );
  });

  it("sort keys at every depth for the OpenAI surface", () => {
    expect(toSortedJson({ b: 1, a: [{ d: 1, c: 2 }] })).toBe('{"a":[{"c":2,"d":1}],"b":1}');
  });
});
