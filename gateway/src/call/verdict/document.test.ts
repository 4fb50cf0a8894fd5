import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { toVerdictsPage } from "./document.ts";

it("docs/verdicts.md is what the rules say (else: npm run docs)", () => {
  expect(readFileSync(new URL("../../../../docs/verdicts.md", import.meta.url), "utf8")).toBe(toVerdictsPage());
});
