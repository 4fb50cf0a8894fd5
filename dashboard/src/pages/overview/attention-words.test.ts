import { expect, it } from "vitest";
import { attentionDetail } from "./attention-words.ts";

it("causes of disables and rests are told in words, other details as they are", () => {
  expect(attentionDetail({ code: "credentials.disabled", detail: "2 invalid-key, 1 leaked" })).toBe(
    "2 × the key is not valid, 1 × the key was leaked",
  );
  expect(attentionDetail({ code: "credentials.cooling", detail: "1 brand-new" })).toBe("1 × brand-new");
  expect(attentionDetail({ code: "calls.errors", detail: "3 of 10." })).toBe("3 of 10.");
});
