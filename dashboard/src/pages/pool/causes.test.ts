import { expect, it } from "vitest";
import { causeWords } from "./causes.ts";

it("causes are told in words, and one that is not known as it came", () => {
  expect(causeWords("day-quota")).toBe("limit of the day");
  expect(causeWords("something new")).toBe("something new");
  expect(causeWords("constructor")).toBe("constructor");
});
