import { expect, test } from "vitest";
import { expectedCharge } from "./expected-charge.ts";

const use = { inputTokens: 10, outputTokens: 5 };
const price = (): number => 700;

test("a generation takes its tokens and their price", () => {
  expect(expectedCharge({ operation: "generate", method: "POST", use, price })).toEqual({
    tokens: 15,
    costNanoUsd: 700,
  });
});

test("reading, counting and uploading take nothing", () => {
  for (const [operation, method] of [
    ["other", "GET"],
    ["other", "DELETE"],
    ["count-tokens", "POST"],
    ["upload", "POST"],
  ] as const)
    expect(expectedCharge({ operation, method, use: null, price })).toEqual({ tokens: 0, costNanoUsd: 0 });
});

test("what may cost something that cannot be told is never nothing", () => {
  for (const operation of ["other", "batch"])
    expect(expectedCharge({ operation, method: "POST", use: null, price })).toEqual({ tokens: 1, costNanoUsd: null });
  for (const operation of ["video", "predict", "images"])
    expect(expectedCharge({ operation, method: "POST", use, price }).costNanoUsd).toBeNull();
});
