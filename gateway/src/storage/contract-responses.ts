/**
 * The storage contract's part on stored responses.
 * @module
 */
import { assertEqual, type ContractCase } from "./contract-assert.ts";
import type { SealedResponse } from "./types.ts";

const start = 1_763_000_000_000;

/** Promises of `store.responses`. */
export const responseContract: ContractCase[] = [
  {
    name: "a stored response comes back as it was written, the last writing counts",
    async run({ responses }) {
      await responses.write([]);
      assertEqual(await responses.get("client_1", "resp_1"), null, "not there");
      await responses.write([response(1), response(2)]);
      await responses.write([response(1, { sealed: "another" })]);
      assertEqual(await responses.get("client_1", "resp_1"), response(1, { sealed: "another" }), "replaced");
      assertEqual(await responses.get("client_1", "resp_2"), response(2), "untouched");
    },
  },
  {
    name: "a stored response is its client's: another one with the same id is another response",
    async run({ responses }) {
      const other = response(1, { clientId: "client_2", sealed: "of another" });
      await responses.write([response(1), other]);
      assertEqual(await responses.get("client_1", "resp_1"), response(1), "the first client's");
      assertEqual(await responses.get("client_2", "resp_1"), other, "the second's");
      assertEqual(await responses.get("client_3", "resp_1"), null, "nobody else's");
      assertEqual(await responses.remove("client_3", "resp_1"), false, "nobody else removes it");
      assertEqual(await responses.remove("client_1", "resp_1"), true, "removed");
      assertEqual(await responses.remove("client_1", "resp_1"), false, "gone already");
      assertEqual(await responses.get("client_2", "resp_1"), other, "the second's stays");
    },
  },
  {
    name: "pruning responses takes expired ones, then the oldest until the rest fits, no more than asked",
    async run({ responses }) {
      await responses.write(Array.from({ length: 10 }, (_, number) => response(number)));
      assertEqual(await responses.prune(start, 100, 100), 0, "nothing to do");
      assertEqual(await responses.prune(start + 1002, 100, 2), 2, "two of three expired ones");
      assertEqual(await responses.prune(start + 1002, 100, 100), 1, "the third");
      assertEqual(await responses.prune(start, 45, 2), 2, "two of three that do not fit");
      assertEqual(await responses.prune(start, 45, 100), 1, "the third");
      await responses.write([response(20, { sealed: "x".repeat(5) })]);
      assertEqual(await responses.prune(start, 45, 100), 0, "it just fits");
      await responses.write([response(21, { sealed: "x" })]);
      assertEqual(await responses.prune(start, 45, 100), 1, "one too many");
      const left = await Promise.all([5, 6, 7, 20, 21].map((number) => responses.get("client_1", `resp_${number}`)));
      assertEqual(
        left.map((each) => each !== null),
        [false, false, true, true, true],
        "the newest stay",
      );
    },
  },
];

// --- helpers ---

function response(number: number, more: Partial<SealedResponse> = {}): SealedResponse {
  return {
    clientId: "client_1",
    id: `resp_${number}`,
    createdAt: start + number,
    expiresAt: start + 1000 + number,
    sealed: "x".repeat(10),
    ...more,
  };
}
