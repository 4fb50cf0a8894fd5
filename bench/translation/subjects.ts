/**
 * What is asked: the same question in each dialect, and the answers that the mock upstream gives.
 * @module
 */
import type { Workload } from "../workloads.ts";

/** How a client speaks. */
export interface Subject {
  name: string;
  title: string;
  /** Request target. @param workload whose answer is wanted */
  path: (workload: Workload) => string;
  /** Request body as JSON. */
  body: (workload: Workload) => string;
}

/** The subject that the others are compared with. */
export const NATIVE = "native";

/** All dialects in the order in which they take turns. */
export const SUBJECTS: Subject[] = [
  {
    name: NATIVE,
    title: "Gemini's own, relayed byte for byte",
    path: (workload) =>
      `/v1beta/models/${modelOf(workload)}:${workload.stream ? "streamGenerateContent?alt=sse" : "generateContent"}`,
    body: ({ bodyKind, bodySize }) => {
      const { system, turns, tools } = materialOf(bodyKind, bodySize);
      return JSON.stringify({
        ...(system === "" ? {} : { systemInstruction: { parts: [{ text: system }] } }),
        contents: turns.map(({ role, text }) => ({
          role: role === "user" ? "user" : "model",
          parts: [{ text }],
        })),
        ...(tools.length === 0
          ? {}
          : {
              tools: [
                {
                  functionDeclarations: tools.map(({ name, description, schema }) => ({
                    name,
                    description,
                    parametersJsonSchema: schema,
                  })),
                },
              ],
            }),
      });
    },
  },
  {
    name: "anthropic",
    title: "Anthropic Messages",
    path: () => "/v1/messages",
    body: (workload) => {
      const { system, turns, tools } = materialOf(workload.bodyKind, workload.bodySize);
      return JSON.stringify({
        model: modelOf(workload),
        max_tokens: 4_096,
        stream: workload.stream,
        ...(system === "" ? {} : { system }),
        messages: turns.map(({ role, text }) => ({ role, content: text })),
        ...(tools.length === 0
          ? {}
          : { tools: tools.map(({ name, description, schema }) => ({ name, description, input_schema: schema })) }),
      });
    },
  },
  responses("responses", "OpenAI Responses, nothing stored", false),
  responses("responses-stored", "OpenAI Responses, stored", true),
  {
    name: "chat",
    title: "OpenAI Chat, translated",
    path: () => "/v1/chat/completions",
    body: (workload) => {
      const { system, turns, tools } = materialOf(workload.bodyKind, workload.bodySize);
      const messages = turns.map(({ role, text }) => ({ role, content: text }));
      return JSON.stringify({
        model: modelOf(workload),
        stream: workload.stream,
        messages: system === "" ? messages : [{ role: "system", content: system }, ...messages],
        ...(tools.length === 0
          ? {}
          : {
              tools: tools.map(({ name, description, schema }) => ({
                type: "function",
                function: { name, description, parameters: schema },
              })),
            }),
      });
    },
  },
];

/** All workloads. `bodyKind: "b64"` stands for an agent's request: instructions, tools, a long conversation. */
export const TRANSLATION_WORKLOADS: Workload[] = [
  workload("unary", "1 KB asked, 1 KB answered", { scenario: "u1k", connections: 64 }),
  workload("sse", "1 KB asked, SSE of 4 events with 1 KB", { scenario: "sse4", events: 4 }),
  workload("sse-30", "1 KB asked, SSE of 30 events", { scenario: "sse30", events: 30 }),
  workload("agent", "40 KB asked with 12 tools, SSE of 30 events", {
    scenario: "sse30",
    events: 30,
    connections: 8,
    bodySize: 40_000,
    bodyKind: "b64",
  }),
];

// --- helpers ---

function workload(name: string, title: string, own: Partial<Workload> & { scenario: string }): Workload {
  const events = own.events ?? 0;
  const defaults = { kind: "closed", connections: 32, bodySize: 1024, bodyKind: "text", stretch: 1 } as const;
  return { name, title, ...defaults, stream: events > 0, ...own, events };
}

function responses(name: string, title: string, store: boolean): Subject {
  return {
    name,
    title,
    path: () => "/v1/responses",
    body: (workload) => {
      const { system, turns, tools } = materialOf(workload.bodyKind, workload.bodySize);
      return JSON.stringify({
        model: modelOf(workload),
        stream: workload.stream,
        store,
        ...(system === "" ? {} : { instructions: system }),
        input: turns.map(({ role, text }) => ({ role, content: text })),
        ...(tools.length === 0
          ? {}
          : {
              tools: tools.map(({ name, description, schema }) => ({
                type: "function",
                name,
                description,
                parameters: schema,
                strict: false,
              })),
            }),
      });
    },
  };
}

function modelOf({ scenario }: Workload): string {
  return `mock-${scenario}`;
}

interface Material {
  system: string;
  turns: { role: "user" | "assistant"; text: string }[];
  tools: { name: string; description: string; schema: object }[];
}

const sentence = "The quick brown fox jumps over the lazy dog, and nobody in the valley minds it in the least. ";

function textOf(length: number): string {
  return sentence.repeat(Math.ceil(length / sentence.length)).slice(0, Math.max(1, length));
}

/** A short question, or what an agent sends: a third each of instructions, tools and turns. */
function materialOf(kind: Workload["bodyKind"], size: number): Material {
  if (kind === "text") return { system: "", turns: [{ role: "user", text: textOf(size - 100) }], tools: [] };
  const third = Math.floor(size / 3);
  const turns = Array.from({ length: 9 }, (_, index) => ({
    role: index % 2 === 0 ? ("user" as const) : ("assistant" as const),
    text: `${index}: ${textOf(Math.floor(third / 9))}`,
  }));
  return { system: textOf(third), turns, tools: Array.from({ length: 12 }, (_, index) => toolOf(index, third / 12)) };
}

function toolOf(index: number, size: number): Material["tools"][number] {
  const schema = {
    $schema: "http://json-schema.org/draft-07/schema#",
    type: "object",
    properties: {
      path: { type: "string", description: "Path of the file" },
      mode: { type: "string", enum: ["read", "write", "append"] },
      lines: { type: "array", items: { type: "integer", minimum: 0 } },
      options: {
        type: "object",
        properties: { follow: { type: "boolean" }, limit: { type: ["integer", "null"] } },
        additionalProperties: false,
      },
    },
    required: ["path"],
    additionalProperties: false,
  };
  return { name: `tool_${index}`, description: textOf(Math.floor(size) - JSON.stringify(schema).length), schema };
}
