/**
 * What the playground sends: from its fields to method, path and body of each dialect.
 * @module
 */

/** A dialect that the playground speaks. */
export type PlaygroundDialect = "gemini" | "openai-chat" | "openai-responses" | "anthropic";

/** One turn of the conversation. */
export interface Turn {
  role: "user" | "model";
  text: string;
}

/** `default`: nothing is said about it. `on` also asks for the thoughts where the dialect can. */
export type Thinking = "default" | "off" | "low" | "high";

/** Fields of the form; numbers as text. */
export interface PlaygroundForm {
  dialect: PlaygroundDialect;
  model: string;
  system: string;
  turns: Turn[];
  temperature: string;
  maxTokens: string;
  thinking: Thinking;
  /** Ask for the thoughts as text. */
  showThoughts: boolean;
  stream: boolean;
}

/** The form at the first visit. */
export const firstForm: PlaygroundForm = {
  dialect: "gemini",
  model: "gemini-3.8-flash",
  system: "",
  turns: [{ role: "user", text: "" }],
  temperature: "",
  maxTokens: "",
  thinking: "default",
  showThoughts: false,
  stream: true,
};

/** A request that can be sent. */
export interface PlaygroundRequest {
  method: "POST" | "GET";
  /** Path and query, of this gateway. */
  path: string;
  /** JSON text; null: none. */
  body: string | null;
  /** How the key is sent. */
  authentication: PlaygroundAuthentication;
}

/** How a key is sent; `x-api-key` comes with `anthropic-version`, as Anthropic's clients send it. */
export type PlaygroundAuthentication = "x-goog-api-key" | "bearer" | "x-api-key";

/** @returns how clients of a dialect send their key */
export function authenticationOf(dialect: PlaygroundDialect): PlaygroundAuthentication {
  if (dialect === "gemini") return "x-goog-api-key";
  return dialect === "anthropic" ? "x-api-key" : "bearer";
}

/** The version of Anthropic's API that the playground speaks. */
export const anthropicVersion = "2023-06-01";

/**
 * Builds the request.
 * @param form as filled in
 * @returns it, or the field that is wrong
 */
export function buildRequest(
  form: PlaygroundForm,
): { ok: true; request: PlaygroundRequest } | { ok: false; field: keyof PlaygroundForm; reason: string } {
  const model = form.model.trim();
  if (!/^[\w.@:/-]{1,200}$/.test(model) || model.includes(".."))
    return { ok: false, field: "model", reason: "A model's name, such as gemini-3.8-flash." };
  const turns = form.turns.filter((turn) => turn.text.trim() !== "");
  if (turns.length === 0) return { ok: false, field: "turns", reason: "Write a prompt." };
  const temperature = readNumber(form.temperature);
  if (temperature === "wrong" || (temperature !== null && temperature > 2))
    return { ok: false, field: "temperature", reason: "A number from 0 to 2, or nothing." };
  const maxTokens = readNumber(form.maxTokens);
  if (maxTokens === "wrong" || (maxTokens !== null && !(Number.isSafeInteger(maxTokens) && maxTokens > 0)))
    return { ok: false, field: "maxTokens", reason: "A whole number above 0, or nothing." };
  const parts = { form, model, turns, temperature, maxTokens };
  return { ok: true, request: builders[form.dialect](parts) };
}

// --- helpers ---

interface Parts {
  form: PlaygroundForm;
  model: string;
  turns: Turn[];
  temperature: number | null;
  maxTokens: number | null;
}

const builders: Readonly<Record<PlaygroundDialect, (parts: Parts) => PlaygroundRequest>> = {
  gemini: geminiRequest,
  "openai-chat": chatRequest,
  "openai-responses": responsesRequest,
  anthropic: messagesRequest,
};

function geminiRequest({ form, model, turns, temperature, maxTokens }: Parts): PlaygroundRequest {
  const thinking = {
    ...(form.showThoughts ? { includeThoughts: true } : {}),
    // Models of 2.5 know budgets only, later ones levels; 0 is what "off" is called where it can be had.
    ...(form.thinking === "off" ? { thinkingBudget: 0 } : {}),
    ...(form.thinking === "low" || form.thinking === "high" ? { thinkingLevel: form.thinking } : {}),
  };
  const generation = {
    ...(temperature === null ? {} : { temperature }),
    ...(maxTokens === null ? {} : { maxOutputTokens: maxTokens }),
    ...(Object.keys(thinking).length === 0 ? {} : { thinkingConfig: thinking }),
  };
  const body = {
    ...(form.system.trim() === "" ? {} : { systemInstruction: { parts: [{ text: form.system }] } }),
    contents: turns.map((turn) => ({ role: turn.role, parts: [{ text: turn.text }] })),
    ...(Object.keys(generation).length === 0 ? {} : { generationConfig: generation }),
  };
  const name = /^(models|tunedModels|dynamic)\//.test(model) ? model : `models/${model}`;
  return {
    method: "POST",
    path: `/v1beta/${name}:${form.stream ? "streamGenerateContent?alt=sse" : "generateContent"}`,
    body: JSON.stringify(body, null, 2),
    authentication: "x-goog-api-key",
  };
}

function chatRequest({ form, model, turns, temperature, maxTokens }: Parts): PlaygroundRequest {
  const effort = effortOf(form.thinking);
  const body = {
    model: bareName(model),
    messages: [...(form.system.trim() === "" ? [] : [{ role: "system", content: form.system }]), ...messagesOf(turns)],
    ...(temperature === null ? {} : { temperature }),
    ...(maxTokens === null ? {} : { max_tokens: maxTokens }),
    ...(effort === null ? {} : { reasoning_effort: effort }),
    ...(form.stream ? { stream: true, stream_options: { include_usage: true } } : {}),
  };
  return {
    method: "POST",
    path: "/v1/chat/completions",
    body: JSON.stringify(body, null, 2),
    authentication: "bearer",
  };
}

function responsesRequest({ form, model, turns, temperature, maxTokens }: Parts): PlaygroundRequest {
  const effort = effortOf(form.thinking);
  const body = {
    model: bareName(model),
    ...(form.system.trim() === "" ? {} : { instructions: form.system }),
    input: messagesOf(turns),
    ...(temperature === null ? {} : { temperature }),
    ...(maxTokens === null ? {} : { max_output_tokens: maxTokens }),
    ...(effort === null ? {} : { reasoning: { effort } }),
    // Whole conversations are sent each time: nothing has to be kept for the next.
    store: false,
    ...(form.stream ? { stream: true } : {}),
  };
  return { method: "POST", path: "/v1/responses", body: JSON.stringify(body, null, 2), authentication: "bearer" };
}

function messagesRequest({ form, model, turns, temperature, maxTokens }: Parts): PlaygroundRequest {
  const { thinking } = form;
  const body = {
    model: bareName(model),
    ...(form.system.trim() === "" ? {} : { system: form.system }),
    messages: messagesOf(turns),
    ...(temperature === null ? {} : { temperature }),
    ...(maxTokens === null ? {} : { max_tokens: maxTokens }),
    ...(thinking === "off" ? { thinking: { type: "disabled" } } : {}),
    ...(thinking === "low" || thinking === "high"
      ? { thinking: { type: "adaptive" }, output_config: { effort: thinking } }
      : {}),
    ...(form.stream ? { stream: true } : {}),
  };
  return { method: "POST", path: "/v1/messages", body: JSON.stringify(body, null, 2), authentication: "x-api-key" };
}

function messagesOf(turns: readonly Turn[]): { role: string; content: string }[] {
  return turns.map((turn) => ({ role: turn.role === "model" ? "assistant" : "user", content: turn.text }));
}

function effortOf(thinking: Thinking): string | null {
  return thinking === "off" ? "none" : thinking === "default" ? null : thinking;
}

function bareName(model: string): string {
  return model.replace(/^models\//, "");
}

function readNumber(text: string): number | null | "wrong" {
  const plain = text.trim();
  if (plain === "") return null;
  return /^\d+(\.\d+)?$|^\.\d+$/.test(plain) ? Number(plain) : "wrong";
}
