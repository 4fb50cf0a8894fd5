import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { AdminError, adminErrorTable, isAdminError } from "./admin-errors.ts";

it("docs/admin-api.md lists every code with its status", () => {
  const page = readFileSync(new URL("../../../docs/admin-api.md", import.meta.url), "utf8");
  const listed = [...page.matchAll(/^\| `(\w+)` \| (\d{3}) \|/gm)].map(([, code, status]) => [code, Number(status)]);
  const table = Object.entries(adminErrorTable).map(([code, { status }]) => [code, status]);
  expect(listed).toHaveLength(table.length);
  expect(Object.fromEntries(listed)).toEqual(Object.fromEntries(table));
});

it("every error says what to do, in whole sentences", () => {
  for (const { message, next } of Object.values(adminErrorTable)) {
    expect(message).toMatch(/^[A-Z].*\.$/);
    expect(next).toMatch(/^[A-Z].*\.$/);
  }
});

it("an error of another copy of the module is told by its mark, anything else is not", () => {
  expect(isAdminError(new AdminError("busy"))).toBe(true);
  expect([null, undefined, new Error("busy"), { code: "busy" }, "busy"].map(isAdminError)).toEqual(
    Array(5).fill(false),
  );
});
