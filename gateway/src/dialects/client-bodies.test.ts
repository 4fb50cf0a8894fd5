/**
 * What real clients send, all the way to Google: translated, composed for three generations in both forms of schemas, and
 * judged by the emulator, which refuses what Google refuses.
 * @module
 */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startEmulator, type Emulator } from "../../../emulator/src/emulator.ts";
import { call as post, to } from "../../../emulator/src/test-client.ts";
import { clientBodies } from "../testkit/client-bodies.ts";
import { composeForTest, translateForTest } from "../testkit/translate.ts";
import type { JsonObject } from "../translation/types.ts";

interface Part extends JsonObject {
  text?: string;
  thoughtSignature?: string;
  functionCall?: { id?: string; name: string };
  functionResponse?: { id?: string; name: string };
}

const models = ["gemini-2.5-pro", "gemini-3.8-flash", "gemini-4-carbon"];
const forms = ["json-schema", "lowered"] as const;

let emulator: Emulator;
beforeAll(async () => {
  emulator = await startEmulator();
});
afterAll(() => emulator.close());

describe.each(clientBodies)("$client", ({ dialect, body }) => {
  it.each(models.flatMap((model) => forms.map((form) => [model, form] as const)))(
    "is taken by %s with schemas as %s",
    async (model, form) => {
      const translation = translateForTest(dialect, body);
      if (!translation.ok) throw new Error(`${translation.problem.field}: ${translation.problem.message}`);
      const request = composeForTest(translation.conversation, model, form);
      const response = await post(emulator, { path: to(model), body: request });
      const answer = await response.text();
      expect(response.status, answer).toBe(200);

      // Bugs 11, 15: each call has its one result, in its order, right behind it.
      const contents = request["contents"] as { role: string; parts: Part[] }[];
      for (const [index, { parts }] of contents.entries()) {
        const calls = parts.flatMap((part) => part.functionCall ?? []).map(({ id, name }) => ({ id, name }));
        const results = (contents[index + 1]?.parts ?? []).flatMap((part) => part.functionResponse ?? []);
        expect(results.map(({ id, name }) => ({ id, name }))).toEqual(calls);
      }
    },
  );
});
