import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { goodEnd, writerFacts } from "../../testkit/responses-answer.ts";
import type { JsonObject, TurnPart } from "../../translation/types.ts";
import { previousResponseId, referencedResponseId, translateResponsesRequest } from "./translate-request.ts";

const options = { includeThoughts: true, previous: null };
const itemTypes = [
  ..."message reasoning function_call function_call_output custom_tool_call custom_tool_call_output local_shell_call".split(
    " ",
  ),
  ..."local_shell_call_output shell_call shell_call_output apply_patch_call apply_patch_call_output computer_call".split(
    " ",
  ),
  ..."computer_call_output tool_search_call tool_search_output additional_tools item_reference compaction".split(" "),
  ..."compaction_trigger image_generation_call web_search_call input_text input_image input_file input_audio".split(
    " ",
  ),
  ..."function custom namespace web_search allowed_tools grammar".split(" "),
];
/** Values that look like what belongs there, and anything else. */
const { value } = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 5 },
    fc.constantFrom(null, true, 0, -1, "", "x", "user", "assistant", "developer", "constructor", "data:,x", "files/a"),
    fc.constantFrom("data:constructor;base64,AA==", "https://x.example/a.png", "{}", "[1]", "__proto__", "required"),
    fc.array(tie("value"), { maxLength: 4 }),
    fc.dictionary(
      fc.constantFrom(
        ..."type role content text image_url file_id file_data filename input_audio data format call_id id name".split(
          " ",
        ),
        ..."namespace arguments output tools action operation encrypted_content result input mode status".split(" "),
      ),
      fc.oneof(fc.constantFrom(...itemTypes), tie("value")),
      { maxKeys: 5 },
    ),
  ),
}));
const body = fc.record(
  {
    model: fc.constantFrom("m", "models/m", "", 3),
    input: value,
    tools: value,
    tool_choice: value,
    text: value,
    reasoning: value,
    include: value,
    instructions: value,
    metadata: value,
    previous_response_id: fc.constantFrom(null, "", "resp_1", 7),
    stream: fc.boolean(),
    extra_body: value,
  },
  { requiredKeys: [] },
);

describe("any request", () => {
  it("is translated or refused with its field, never thrown at, and can be answered", () => {
    fc.assert(
      fc.property(fc.oneof(value, body), (request) => {
        previousResponseId(request);
        referencedResponseId(request);
        const translation = translateResponsesRequest(request, options);
        if (!translation.ok) {
          expect(translation.problem.message.length).toBeGreaterThan(10);
          return;
        }
        const writer = translation.createWriter(writerFacts());
        const begun = writer.begin({ responseId: null, usage: null });
        const said = writer.event({ kind: "text", text: "x", signature: null });
        expect((begun + said + writer.end(goodEnd)).length).toBeGreaterThan(100);
        expect(() => JSON.stringify(writer.stored?.())).not.toThrow();
      }),
      { numRuns: 1500 },
    );
  });

  it("keeps order, ids, arguments and results of calls", () => {
    const step = fc.record({
      calls: fc.array(
        fc.record({ id: fc.stringMatching(/^call_\w{1,8}$/), args: fc.dictionary(fc.string(), fc.jsonValue()) }),
        {
          minLength: 1,
          maxLength: 3,
        },
      ),
      words: fc.string({ minLength: 1 }),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 4 }), (steps) => {
        const input: JsonObject[] = [{ role: "user", content: "go" }];
        const expected: Partial<TurnPart>[] = [{ kind: "text", text: "go" }];
        for (const { calls, words } of steps) {
          input.push({ type: "reasoning", summary: [] }, { role: "assistant", content: words });
          expected.push({ kind: "text", text: words });
          for (const { id, args } of calls) {
            input.push({ type: "function_call", call_id: id, name: "f", arguments: JSON.stringify(args) });
            expected.push({ kind: "call", id, args: JSON.parse(JSON.stringify(args)) as JsonObject });
          }
          for (const { id } of calls) {
            input.push({ type: "function_call_output", call_id: id, output: `of ${id}` });
            expected.push({ kind: "result", id, text: `of ${id}` });
          }
        }
        const translation = translateResponsesRequest({ model: "m", input }, options);
        if (!translation.ok) throw new Error(translation.problem.message);
        const { turns } = translation.conversation;
        expect(turns.flatMap(({ parts }) => parts)).toMatchObject(expected);
        expect(turns.map(({ role }) => role)).toEqual(["user", ...steps.flatMap(() => ["model", "user"])]);
      }),
    );
  });
});
