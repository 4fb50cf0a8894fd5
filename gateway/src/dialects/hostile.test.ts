/**
 * Bodies that somebody wrote to do harm, in every dialect: nothing throws (a throw is a 500 of the gateway's own), nothing
 * takes more than linear time, no prototype changes, and what is accepted can be sent.
 * @module
 */
import { describe, expect, it } from "vitest";
import { clientBodies, type ClientDialect } from "../testkit/client-bodies.ts";
import { composeForTest, translateForTest } from "../testkit/translate.ts";
import type { JsonObject } from "../translation/types.ts";

const dialects: readonly ClientDialect[] = ["openai-chat", "openai-responses", "anthropic"];

/** Translates and composes a body; gives Gemini's body as text, or null for a refusal. */
function sent(dialect: ClientDialect, json: string, model = "gemini-3.8-flash"): string | null {
  const translation = translateForTest(dialect, JSON.parse(json));
  if (translation.ok) return JSON.stringify(composeForTest(translation.conversation, model));
  expect(translation.problem.field.length).toBeLessThan(200);
  expect(translation.problem.message.length).toBeLessThan(1_000);
  return null;
}

type Path = readonly (string | number)[];

function pathsIn(value: unknown, path: Path = []): Path[] {
  if (typeof value !== "object" || value === null) return [path];
  return [
    path,
    ...Object.entries(value).flatMap(([key, inner]) =>
      pathsIn(inner, [...path, Array.isArray(value) ? Number(key) : key]),
    ),
  ];
}

function isOfDialect(path: Path): boolean {
  const schema = path.findIndex((key) => key === "parameters" || key === "input_schema" || key === "schema");
  return path.length > 0 && (schema < 0 || schema === path.length - 1);
}

/** The body with another value at a path, given as JSON text: only so can it have a member `__proto__`. */
function withValue(body: JsonObject, path: Path, json: string): string {
  const mark = "@@here@@";
  const copy = structuredClone(body);
  let holder: Record<string | number, unknown> = copy;
  for (const key of path.slice(0, -1)) holder = holder[key] as Record<string | number, unknown>;
  holder[path.at(-1) ?? ""] = mark;
  return JSON.stringify(copy).replace(`"${mark}"`, () => json);
}

const values: readonly string[] = [
  "null",
  "-1",
  "1e400",
  "true",
  '""',
  '"__proto__"',
  '"constructor"',
  '"constructor_20250101"',
  '"https://x.example/y.constructor"',
  '"\\ud800"',
  '"a\\u0000\\"\\n\\u2028b"',
  "[]",
  "{}",
  "[[null]]",
  '[{"__proto__":1}]',
  '{"__proto__":{"polluted":true},"constructor":{"prototype":{"polluted":true}}}',
  `${"[".repeat(2_000)}${"]".repeat(2_000)}`,
];

describe.each(clientBodies)("a body of $client", ({ dialect, body }) => {
  it("with anything at any place is translated or refused", () => {
    // Many tools only take time, and schemas have tests of their own.
    const short = Array.isArray(body["tools"]) ? { ...body, tools: body["tools"].slice(0, 3) } : body;
    const wrong: string[] = [];
    for (const path of pathsIn(short).filter(isOfDialect))
      for (const value of values) {
        const json = sent(dialect, withValue(short, path, value));
        // Members that no map has are written as this.
        if (json?.includes('"undefined":') === true) wrong.push(`${path.join(".")} = ${value}`);
      }
    expect(wrong).toEqual([]);
    expect(Object.prototype).not.toHaveProperty("polluted");
  });
});

describe("levels without end", () => {
  const list = (levels: number): string => "[".repeat(levels) + "]".repeat(levels);
  const bodies: Record<ClientDialect, (deep: string) => string[]> = {
    "openai-chat": (deep) => [
      `{"model":"m","messages":[{"role":"user","content":"x"}],"metadata":${deep}}`,
      `{"model":"m","messages":[{"role":"tool","tool_call_id":"a","content":{"a":${deep}}}]}`,
      `{"model":"m","messages":[{"role":"assistant","tool_calls":[{"custom":{"name":"f","input":${deep}}}]}]}`,
      `{"model":"m","messages":[{"role":"user","content":"x"}],"safety_settings":${deep}}`,
      `{"model":"gemini-2.5-pro","messages":[{"role":"user","content":"x"}],"tools":[{"type":"function","function":{"name":"f"}}],"response_format":{"type":"json_schema","json_schema":{"schema":{"a":${deep}}}}}`,
    ],
    "openai-responses": (deep) => [
      `{"model":"m","input":[{"type":"function_call_output","call_id":"a","output":{"a":${deep}}}]}`,
      `{"model":"m","input":[{"type":"shell_call_output","call_id":"a","output":${deep}}]}`,
      `{"model":"m","input":[{"type":"tool_search_call","call_id":"a","arguments":{"a":${deep}}}]}`,
    ],
    anthropic: (deep) => [
      `{"model":"m","messages":[{"role":"assistant","content":[{"type":"tool_use","id":"a","name":"f","input":{"a":${deep}}}]}]}`,
      `{"model":"m","messages":[{"role":"user","content":"x"}],"tools":[{"name":"f","input_schema":{"a":${deep}}}]}`,
    ],
  };

  it.each(dialects)("are refused in %s, wherever they are", (dialect) => {
    for (const levels of [600, 10_000, 200_000])
      for (const body of bodies[dialect](list(levels)))
        expect(translateForTest(dialect, JSON.parse(body))).toMatchObject({
          ok: false,
          problem: { code: "field_invalid", field: "" },
        });
    for (const body of bodies[dialect](list(50))) expect(() => sent(dialect, body)).not.toThrow();
  });

  it.each([
    [
      "openai-chat",
      (text: string) => ({
        model: "m",
        messages: [{ role: "assistant", tool_calls: [{ id: "a", function: { name: "f", arguments: text } }] }],
      }),
    ],
    [
      "openai-responses",
      (text: string) => ({ model: "m", input: [{ type: "function_call", call_id: "a", name: "f", arguments: text }] }),
    ],
    [
      "anthropic",
      (text: string) => ({
        model: "m",
        messages: [{ role: "assistant", content: [{ type: "tool_use", id: "a", name: "f", input: text }] }],
      }),
    ],
  ] as const)("in arguments of %s stay the text that they were (bug 17)", (dialect, bodyOf) => {
    const text = `{"a":${list(20_000)}}`;
    expect(sent(dialect, JSON.stringify(bodyOf(text)))).toContain(JSON.stringify({ _raw: text }));
  });
});

describe("time grows with the body, not faster", () => {
  const repeat = (count: number, make: (index: number) => unknown): unknown[] =>
    Array.from({ length: count }, (_, index) => make(index)).flat();
  const address = (character: string) => (size: number) => `https://x.example/${character.repeat(size)}\nx`;
  const bodies: [string, ClientDialect, (size: number) => JsonObject][] = [
    [
      "an address of question marks",
      "openai-chat",
      (size) => ({
        messages: [{ role: "user", content: [{ type: "image_url", image_url: address("?")(size * 20) }] }],
      }),
    ],
    [
      "a file's name of number signs",
      "openai-chat",
      (size) => ({
        messages: [
          { role: "user", content: [{ type: "file", file: { file_data: "AAAA", filename: address("#")(size * 20) } }] },
        ],
      }),
    ],
    [
      "an address of question marks",
      "openai-responses",
      (size) => ({ input: [{ role: "user", content: [{ type: "input_image", image_url: address("?")(size * 20) }] }] }),
    ],
    [
      "an address of dots",
      "anthropic",
      (size) => ({
        messages: [
          { role: "user", content: [{ type: "image", source: { type: "url", url: address(".")(size * 20) } }] },
        ],
      }),
    ],
    [
      "calls and results of one id",
      "openai-chat",
      (size) => ({
        messages: [
          { role: "assistant", tool_calls: repeat(size, () => ({ id: "c", function: { name: "f" } })) },
          ...repeat(size, () => ({ role: "tool", tool_call_id: "c", content: "r" })),
        ],
      }),
    ],
    [
      "ids that look like those made unique",
      "openai-chat",
      (size) => ({
        messages: [
          {
            role: "assistant",
            tool_calls: repeat(size, (index) => [
              { id: `c_${index + 2}`, function: { name: "f" } },
              { id: "c", function: { name: "f" } },
            ]),
          },
        ],
      }),
    ],
    [
      "results long after their calls",
      "anthropic",
      (size) => ({
        messages: [
          ...repeat(size, () => [
            { role: "assistant", content: [{ type: "tool_use", id: "c", name: "f", input: {} }] },
            { role: "user", content: "x" },
          ]),
          { role: "user", content: repeat(size, () => ({ type: "tool_result", tool_use_id: "c" })) },
        ],
      }),
    ],
    [
      "tools with one long beginning",
      "openai-responses",
      (size) => ({
        input: "x",
        tools: [
          {
            type: "namespace",
            name: "n".repeat(60),
            tools: repeat(size, (index) => ({ type: "function", name: `t${index}` })),
          },
        ],
        tool_choice: {
          type: "allowed_tools",
          mode: "auto",
          tools: repeat(size, (index) => ({ type: "function", name: `t${index}`, namespace: "n".repeat(60) })),
        },
      }),
    ],
    [
      "references to items",
      "openai-responses",
      (size) => ({ input: repeat(size, (index) => ({ type: "item_reference", id: `rs_${"a".repeat(50)}${index}` })) }),
    ],
    [
      "late instructions",
      "anthropic",
      (size) => ({
        messages: [{ role: "user", content: "x" }, ...repeat(size, () => ({ role: "system", content: "x" }))],
      }),
    ],
  ];

  it.each(bodies)("with %s (%s)", (_, dialect, bodyOf) => {
    const parts = 32;
    const jsonOf = (size: number): string => JSON.stringify({ model: "m", ...bodyOf(size) });
    const [small, large] = [jsonOf(100), jsonOf(100 * parts)];
    const millisecondsFor = (json: string, times: number): number => {
      const start = performance.now();
      for (let time = 0; time < times; time++) sent(dialect, json);
      return performance.now() - start;
    };
    const ratios = Array.from({ length: 4 }, () => millisecondsFor(large, 1) / millisecondsFor(small, parts));
    // The same work in one piece as in 32, best of several: 1 to 4 when linear, 14 to 32 when quadratic.
    expect(Math.min(...ratios)).toBeLessThan(10);
  });
});
