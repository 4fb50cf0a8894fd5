import { describe, expect, it } from "vitest";
import {
  called,
  goodEnd,
  lastResponse,
  streamed,
  text,
  thought,
  translated,
  unary,
  writerFacts,
  type SentEvent,
} from "../../testkit/responses-answer.ts";
import type { JsonObject } from "../../translation/types.ts";

const items = (events: readonly SentEvent[]): JsonObject[] =>
  events.filter(({ type }) => type === "response.output_item.done").map((event) => event["item"] as JsonObject);
const tools = [{ type: "function", name: "f", parameters: { type: "object", properties: {} } }];

describe("the response object", () => {
  it("has every key, and repeats what was asked", () => {
    const response = unary(
      {
        tools,
        instructions: "Be kind",
        metadata: { a: "b" },
        temperature: 0.5,
        reasoning: { effort: "low" },
        user: "u",
      },
      [text("x")],
    );
    expect(Object.keys(response).sort()).toEqual(
      "background completed_at created_at error frequency_penalty id incomplete_details instructions max_output_tokens max_tool_calls metadata model object output parallel_tool_calls presence_penalty previous_response_id prompt_cache_key reasoning safety_identifier service_tier status store temperature text tool_choice tools top_logprobs top_p truncation usage user".split(
        " ",
      ),
    );
    expect(response).toMatchObject({
      object: "response",
      instructions: "Be kind",
      metadata: { a: "b" },
      tools,
      temperature: 0.5,
      reasoning: { effort: "low", summary: null },
      text: { format: { type: "text" } },
      user: "u",
    });
  });

  it("strips a fence from JSON only where JSON was asked", () => {
    const said = [text("```json\n"), text('{"a":1}\n'), text("```")];
    const wordsOf = (body: JsonObject): string => JSON.stringify(unary(body, said)["output"]);
    expect(wordsOf({ text: { format: { type: "json_object" } } })).toContain(JSON.stringify('{"a":1}'));
    expect(wordsOf({})).toContain("```");
  });
});

describe("stored", () => {
  it("gives the whole input and output, and nothing when the client says store:false", () => {
    const before = [{ type: "message", role: "user", content: "one" }];
    const writer = translated({ input: "two", previous_response_id: "resp_x" }, before).createWriter(writerFacts());
    writer.event(text("three"));
    const response = JSON.parse(writer.end(goodEnd)) as JsonObject;
    expect(writer.stored?.()).toEqual({
      id: response["id"],
      turns: [...before, { type: "message", role: "user", content: "two" }, ...(response["output"] as JsonObject[])],
    });
    const other = translated({ store: false }).createWriter(writerFacts());
    other.end(goodEnd);
    expect(other.stored?.()).toBeNull();
  });
});

describe("compaction", () => {
  const input = [{ role: "user", content: "Fix it" }, { type: "compaction_trigger" }];

  it("answers with exactly one item, which the next request reads as the history", () => {
    const { events, writer } = streamed({ input, tools }, [
      thought("hm"),
      text("The user "),
      text("wants ü."),
      called("f"),
    ]);
    const done = items(events);
    expect(done).toHaveLength(1);
    expect(done[0]).toMatchObject({
      type: "compaction",
      encrypted_content: expect.stringMatching(/^gpc1\./) as string,
    });
    expect(lastResponse(events)).toMatchObject({ status: "completed", output: done });
    expect(writer.stored?.()?.turns).toEqual(done);
    const { turns } = translated({ input: [...done, { role: "user", content: "go on" }] }).conversation;
    expect(turns).toMatchObject([{ role: "user", parts: [{ kind: "text" }, { kind: "text", text: "go on" }] }]);
    expect(JSON.stringify(turns)).toContain("The user wants ü.");
  });

  it("fails, so that it is repeated, when the model wrote no summary", () => {
    expect(lastResponse(streamed({ input }, []).events)).toMatchObject({
      status: "failed",
      error: { code: "server_error" },
      output: [],
    });
  });
});
