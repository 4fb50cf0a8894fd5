import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { errorTable, GatewayError, isGatewayError } from "./errors.ts";

const page = readFileSync(new URL("../../../docs/errors.md", import.meta.url), "utf8");
const rows = new Map(
  [...page.matchAll(/^\| `(\w+)` \| (\d+) \| (\w+) \| (\w+) \|/gm)].map(([, code, status, google, openai]) => [
    code,
    { status: Number(status), google, openai },
  ]),
);

describe("the error table", () => {
  it.each(Object.entries(errorTable))("%s stands in docs/errors.md with its status and types", (code, definition) => {
    expect(rows.get(code)).toEqual({ status: definition.status, google: definition.google, openai: definition.openai });
  });

  it("has no row in docs/errors.md without a code", () => {
    expect([...rows.keys()].filter((code) => !(String(code) in errorTable))).toEqual([]);
  });

  it("marks its errors across copies of the module", () => {
    expect(isGatewayError(new GatewayError("internal"))).toBe(true);
    expect(isGatewayError(new Error("other"))).toBe(false);
  });
});
