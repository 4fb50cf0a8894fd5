/**
 * Clients that are known, and what each wants to be told.
 * @module
 */
import type { ConnectValues } from "./addresses.ts";

/** A client's wire format. */
export type ConnectDialect = "gemini" | "openai-chat";

/** Something to paste. */
export interface Snippet {
  /** `text`: fields of a form, one a line. */
  language: "sh" | "ts" | "python" | "go" | "json" | "yaml" | "text";
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

/** Clients that cannot be served yet, and why. Said plainly, so that nobody tries for an hour. */
export const notServed: readonly { name: string; why: string }[] = [
  {
    name: "Codex CLI",
    why: "speaks OpenAI's Responses API (/v1/responses) only, which this gateway does not serve yet.",
  },
  {
    name: "Claude Code",
    why: "speaks Anthropic's Messages API (/v1/messages) only, which this gateway does not serve yet.",
  },
];

/** Names of dialects for people. */
export const dialectNames: Readonly<Record<ConnectDialect, string>> = {
  gemini: "Gemini",
  "openai-chat": "OpenAI Chat",
};
