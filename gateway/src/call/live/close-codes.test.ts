import fc from "fast-check";
import { expect, it } from "vitest";
import { errorTable, type ErrorCode } from "../../core/errors.ts";
import { closeCodeOf, closeOf, cutReason, isSendable, reasonLimit, sendableCode } from "./close-codes.ts";

it("any text becomes a reason of 123 bytes at most, cut between characters, that a close frame can hold", () => {
  fc.assert(
    fc.property(
      fc.oneof(fc.string({ unit: "binary", maxLength: 200 }), fc.string({ unit: "grapheme", maxLength: 200 })),
      (text) => {
        const reason = cutReason(text);
        const bytes = new TextEncoder().encode(reason);
        expect(bytes.length).toBeLessThanOrEqual(reasonLimit);
        // Nothing was broken: decoding gives it back.
        expect(new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes)).toBe(reason);
        if (new TextEncoder().encode(text).length <= reasonLimit && !/\p{Surrogate}/u.test(text))
          expect(reason).toBe(text);
      },
    ),
  );
});

it("lone surrogates, which UTF-8 cannot hold, become question marks", () => {
  expect(cutReason("a\ud800b\udc00")).toBe("a?b?");
});

it("each error of the gateway has a code that can be sent, and a reason that names it", () => {
  for (const code of Object.keys(errorTable) as ErrorCode[]) {
    const close = closeOf(code, { soonestMs: Date.UTC(2026, 10, 21) });
    expect(isSendable(close.code), code).toBe(true);
    expect(close.reason.startsWith(`${code} (free again at 2026-11-21T00:00:00Z): `), code).toBe(true);
  }
});

it.each([
  ["live_setup_missing", 1007],
  ["model_not_allowed", 1008],
  ["resource_forbidden", 1008],
  ["client_budget_exhausted", 1008],
  ["body_too_large", 1009],
  ["credentials_exhausted", 1011],
  ["no_credentials", 1011],
  ["internal", 1011],
  ["draining", 1001],
  ["overloaded", 1013],
] as const)("%s closes with %i", (code, close) => {
  expect(closeCodeOf(code)).toBe(close);
});

it("codes that no frame may carry are passed on as others", () => {
  expect([1000, 1005, 1006, 1015, 1004, 999, 2500, 3000, 4999, 5000].map(sendableCode)).toEqual([
    1000, 1000, 1011, 1011, 1011, 1011, 1011, 3000, 4999, 1011,
  ]);
});
