/**
 * Clients that are known, and what each wants to be told.
 * @module
 */
import type { ConnectValues } from "./addresses.ts";

/** A client's wire format. */
export type ConnectDialect = "gemini" | "openai-chat" | "openai-responses" | "anthropic";

/** Something to paste. */
export interface Snippet {
  /** `text`: fields of a form, one a line. */
  language: "sh" | "ts" | "python" | "go" | "json" | "yaml" | "toml" | "text";
  text: string;
  /** Where it goes; undefined: anywhere. */
  file?: string;
  /** What else has to be known. */
  note?: string;
}

/** A dialect that an app speaks. */
export interface ConnectForm {
  dialect: ConnectDialect;
  build: (values: ConnectValues) => Snippet[];
}

/** A client. */
export interface ConnectApp {
  id: string;
  name: string;
  /** To tell two of one name apart. */
  detail?: string;
  group: "Code" | "Coding agents" | "Chat applications";
  /** `tested`: the test suite runs it, unmodified, against the gateway; `documented`: by its own documentation. */
  evidence: "tested" | "documented";
  forms: readonly ConnectForm[];
}

/** Names of dialects for people. */
export const dialectNames: Readonly<Record<ConnectDialect, string>> = {
  gemini: "Gemini",
  "openai-chat": "OpenAI Chat",
  "openai-responses": "OpenAI Responses",
  anthropic: "Anthropic",
};

/** All dialects, in the order of the page. */
export const connectDialects: readonly ConnectDialect[] = ["gemini", "openai-chat", "openai-responses", "anthropic"];

/** @returns fields of a form, one a line */
export function steps(lines: string[]): Snippet {
  return { language: "text", text: lines.join("\n") };
}
