/**
 * The three translated dialects as a client writes and reads them, without an SDK: what is asked, what a whole answer or a
 * stream says, and how a conversation goes on.
 * @module
 */

/** A JSON object of unknown shape. */
export type Json = Record<string, unknown>;

/** One call of a tool, in any dialect. */
export interface ToolUse {
  id: string;
  name: string;
  args: unknown;
}

/** What a client understands of an answer. */
export interface Said {
  text: string;
  tools: ToolUse[];
  /** The dialect's own end of a good answer was there: its stop reason, and for streams the last event. */
  isWhole: boolean;
  /** Type of the error, or null. */
  error: string | null;
  /** Tokens in and out as told; null: not told. */
  tokens: { input: number; output: number } | null;
  id: string;
  /** What the client puts into its history: items, a message, blocks. */
  history: Json[];
}

/** An event of a stream. */
export interface StreamEvent {
  name: string | null;
  /** Undefined: `[DONE]`. */
  data: Json | undefined;
}

/** A dialect. */
export interface TranslatedDialect {
  name: "anthropic" | "openai-responses" | "openai-chat";
  path: string;
  operation: string;
  /** A request. `turns` are what `user`, `Said.history` and `results` made. */
  request(turns: readonly Json[], more?: Json): Json;
  user(text: string): Json;
  tool(name: string): Json;
  results(of: readonly { id: string; output: string }[]): Json[];
  readUnary(answer: Json): Said;
  readStream(events: readonly StreamEvent[]): Said;
  /** The history without what a client that keeps to the documented fields would drop: signatures stay in ids only. */
  bare(history: readonly Json[]): Json[];
  /** Type and code of an error's body, and whether it is shaped as the dialect says. */
  readError(body: Json): { type: string; code: string | null };
}

/** Splits the text of a stream into events. Comments are left out. */
export function parseEvents(text: string): StreamEvent[] {
  return text.split(/\r?\n\r?\n/).flatMap((block) => {
    const lines = block.split(/\r?\n/);
    const value = (field: string): string | undefined =>
      lines.find((line) => line.startsWith(`${field}: `))?.slice(field.length + 2);
    const data = value("data");
    if (data === undefined) return [];
    return [{ name: value("event") ?? null, data: data === "[DONE]" ? undefined : (JSON.parse(data) as Json) }];
  });
}

/** The member at a path, or undefined. */
export function at(value: unknown, ...path: (string | number)[]): unknown {
  let found = value;
  for (const key of path) found = (found as Record<string | number, unknown> | null | undefined)?.[key];
  return found;
}

/** All three. */
export const translatedDialects: readonly TranslatedDialect[] = [
  {
    name: "anthropic",
    path: "/v1/messages",
    operation: "messages",
    request: (messages, more) => ({ model: "gemini-3.8-flash", max_tokens: 4_000, messages, ...more }),
    user: (content) => ({ role: "user", content }),
    tool: (name) => ({ name, description: name, input_schema: schema }),
    results: (of) => [
      {
        role: "user",
        content: of.map(({ id, output }) => ({ type: "tool_result", tool_use_id: id, content: output })),
      },
    ],
    readUnary: (answer) => readMessage(answer),
    readStream: readMessageStream,
    bare: (history) =>
      history.map((message) => ({
        ...message,
        content: list(message["content"])
          .filter(({ type }) => type === "text" || type === "tool_use")
          .map(({ type, id, name, input, text }) => (type === "text" ? { type, text } : { type, id, name, input })),
      })),
    readError: (body) => ({ type: string(at(body, "error", "type")), code: null }),
  },
  {
    name: "openai-responses",
    path: "/v1/responses",
    operation: "responses",
    request: (input, more) => ({ model: "gemini-3.8-flash", input, ...more }),
    user: (content) => ({ role: "user", content }),
    tool: (name) => ({ type: "function", name, description: name, parameters: schema, strict: false }),
    results: (of) => of.map(({ id, output }) => ({ type: "function_call_output", call_id: id, output })),
    readUnary: readResponse,
    readStream: readResponseStream,
    bare: (history) => history.filter(({ type }) => type !== "reasoning").map((item) => without(item, "id")),
    readError: readOpenAiError,
  },
  {
    name: "openai-chat",
    path: "/v1/chat/completions",
    operation: "chat",
    request: (messages, more) => ({
      model: "gemini-3.8-flash",
      messages,
      ...(more?.["stream"] === true ? { stream_options: { include_usage: true } } : {}),
      ...more,
    }),
    user: (content) => ({ role: "user", content }),
    tool: (name) => ({ type: "function", function: { name, description: name, parameters: schema } }),
    results: (of) => of.map(({ id, output }) => ({ role: "tool", tool_call_id: id, content: output })),
    readUnary: readCompletion,
    readStream: readCompletionStream,
    bare: (history) =>
      history.map(({ role, content, tool_calls: calls }) => ({
        role,
        content,
        tool_calls: list(calls).map(({ id, type, function: called }) => ({ id, type, function: called })),
      })),
    readError: readOpenAiError,
  },
];

// --- helpers ---

const schema = { type: "object", properties: { city: { type: "string" } } };

function without(value: Json, key: string): Json {
  return Object.fromEntries(Object.entries(value).filter(([name]) => name !== key));
}

function list(value: unknown): Json[] {
  return Array.isArray(value) ? (value as Json[]) : [];
}

function string(value: unknown): string {
  return typeof value === "string" ? value : "";
}

function tokens(usage: unknown, input: string, output: string): Said["tokens"] {
  const numbers = [at(usage, input), at(usage, output)];
  const [first, second] = numbers;
  return typeof first === "number" && typeof second === "number" ? { input: first, output: second } : null;
}

function readOpenAiError(body: Json): { type: string; code: string | null } {
  return { type: string(at(body, "error", "type")), code: (at(body, "error", "code") as string | null) ?? null };
}

function readMessage(message: Json): Said {
  const blocks = list(message["content"]);
  return {
    text: blocks.map(({ text }) => string(text)).join(""),
    tools: blocks
      .filter(({ type }) => type === "tool_use")
      .map(({ id, name, input }) => ({ id: string(id), name: string(name), args: input })),
    isWhole: message["type"] === "message" && typeof message["stop_reason"] === "string",
    error: null,
    tokens: tokens(message["usage"], "input_tokens", "output_tokens"),
    id: string(message["id"]),
    history: [{ role: "assistant", content: blocks }],
  };
}

function readMessageStream(events: readonly StreamEvent[]): Said {
  const message: Json = { ...(at(events[0]?.data, "message") as Json | undefined) };
  const blocks: Json[] = [];
  const inputs: string[] = [];
  let error: string | null = null;
  for (const { data } of events) {
    const index = Number(data?.["index"]);
    const block = blocks[index] ?? {};
    const add = (field: string, more: unknown): void => void (block[field] = string(block[field]) + string(more));
    const delta = data?.["delta"];
    switch (data?.["type"]) {
      case "content_block_start":
        blocks[index] = { ...(data["content_block"] as Json) };
        inputs[index] = "";
        break;
      case "content_block_delta":
        if (at(delta, "type") === "text_delta") add("text", at(delta, "text"));
        else if (at(delta, "type") === "thinking_delta") add("thinking", at(delta, "thinking"));
        else if (at(delta, "type") === "signature_delta") block["signature"] = at(delta, "signature");
        else inputs[index] += string(at(delta, "partial_json"));
        break;
      case "content_block_stop":
        if (block["type"] === "tool_use") block["input"] = JSON.parse(inputs[index] || "{}");
        break;
      case "message_delta":
        message["stop_reason"] = at(delta, "stop_reason");
        message["usage"] = { ...(message["usage"] as Json), ...(data["usage"] as Json) };
        break;
      case "error":
        error = string(at(data, "error", "type"));
    }
  }
  const said = readMessage({ ...message, content: blocks });
  return { ...said, error, isWhole: said.isWhole && events.at(-1)?.name === "message_stop" };
}

function readResponse(response: Json): Said {
  const output = list(response["output"]);
  return {
    text: output
      .filter(({ type }) => type === "message")
      .flatMap(({ content }) => list(content))
      .map(({ text }) => string(text))
      .join(""),
    tools: output
      .filter(({ type }) => type === "function_call")
      .map((item) => ({
        id: string(item["call_id"]),
        name: string(item["name"]),
        args: JSON.parse(string(item["arguments"])) as unknown,
      })),
    isWhole: response["status"] === "completed",
    error: null,
    tokens: tokens(response["usage"], "input_tokens", "output_tokens"),
    id: string(response["id"]),
    history: output,
  };
}

function readResponseStream(events: readonly StreamEvent[]): Said {
  const last = events.findLast(({ data }) => data?.["response"] !== undefined)?.data;
  const said = readResponse((last?.["response"] as Json | undefined) ?? {});
  const failed = events.find(({ data }) => data?.["type"] === "error" || data?.["type"] === "response.failed");
  const deltas = events.filter(({ data }) => data?.["type"] === "response.output_text.delta");
  return {
    ...said,
    // What came piece by piece, which the last event must not have to repeat.
    text: deltas.map(({ data }) => string(data?.["delta"])).join(""),
    isWhole: said.isWhole && last?.["type"] === "response.completed",
    error: failed === undefined ? null : string(failed.data?.["type"]),
  };
}

function readCompletion(completion: Json): Said {
  const message = at(completion, "choices", 0, "message") as Json | undefined;
  return {
    text: string(message?.["content"]),
    tools: list(message?.["tool_calls"]).map((call) => ({
      id: string(call["id"]),
      name: string(at(call, "function", "name")),
      args: JSON.parse(string(at(call, "function", "arguments"))) as unknown,
    })),
    isWhole: typeof at(completion, "choices", 0, "finish_reason") === "string",
    error: null,
    tokens: tokens(completion["usage"], "prompt_tokens", "completion_tokens"),
    id: string(completion["id"]),
    history: message === undefined ? [] : [message],
  };
}

function readCompletionStream(events: readonly StreamEvent[]): Said {
  const message: Json = { role: "assistant", content: "" };
  const calls: Json[] = [];
  const choice: Json = { message, finish_reason: null };
  let error: string | null = null;
  let usage: unknown;
  for (const { data } of events) {
    if (data?.["error"] !== undefined) error = string(at(data, "error", "type"));
    usage = data?.["usage"] ?? usage;
    const delta = at(data, "choices", 0, "delta");
    message["content"] = string(message["content"]) + string(at(delta, "content"));
    for (const call of list(at(delta, "tool_calls"))) calls[Number(call["index"])] = call;
    choice["finish_reason"] = at(data, "choices", 0, "finish_reason") ?? choice["finish_reason"];
  }
  if (calls.length > 0) message["tool_calls"] = calls.map((call) => without(call, "index"));
  const said = readCompletion({ id: at(events[0]?.data, "id"), choices: [choice], usage });
  return { ...said, error, isWhole: said.isWhole && events.at(-1)?.data === undefined };
}
