import { expect, it } from "vitest";
import { createFenceFilter } from "./fence.ts";

it("JSON without a fence is never held back", () => {
  const filter = createFenceFilter();
  for (const piece of ["\n {", '"a":"`', "``", '"}\n']) expect(filter.push(piece)).toBe(piece);
  expect(filter.end()).toBe("");
  expect(filter.hasStripped).toBe(false);
});

it("within a fence only what could be its end is held back", () => {
  const filter = createFenceFilter();
  expect(["`", "``js", "on", "\n", '{"a":', "1}\n", "``"].map((piece) => filter.push(piece))).toEqual([
    "",
    "",
    "",
    "",
    '{"a":',
    "1}",
    "",
  ]);
  expect(filter.push("` no fence")).toBe("\n``` no fence");
  expect(filter.push("\n```\n")).toBe("");
  expect(filter.end()).toBe("");
});

it("what was held comes out when the answer was cut there", () => {
  const filter = createFenceFilter();
  filter.push("```json\n[1]\n``");
  expect(filter.end()).toBe("\n``");
  const start = createFenceFilter();
  start.push("```js");
  expect(start.end()).toBe("```js");
});

it("blank lines without end are not held for ever", () => {
  const filter = createFenceFilter();
  filter.push("```json\n{}");
  let out = 0;
  for (let line = 0; line < 5000; line += 1) out += filter.push("\n").length;
  expect(out).toBeGreaterThan(3900);
});
