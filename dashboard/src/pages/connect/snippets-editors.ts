/**
 * Settings for coding agents in an editor.
 * @module
 */
import { quoted } from "./addresses.ts";
import { steps } from "./apps.ts";
import type { ConnectApp, ConnectForm } from "./apps.ts";

/** Agents in an editor. */
export const editorApps: readonly ConnectApp[] = [
  editor({ id: "cline", name: "Cline" }),
  editor({ id: "roo-code", name: "Roo Code" }),
  editor({ id: "kilo-code", name: "Kilo Code" }),
  {
    id: "continue",
    name: "Continue",
    group: "Coding agents",
    evidence: "documented",
    forms: [continueForm("openai-chat", "openai"), continueForm("anthropic", "anthropic")],
  },
];

// --- helpers ---

/** Cline and its relatives have the same form. */
function editor(app: { id: string; name: string }): ConnectApp {
  return {
    ...app,
    detail: "editor extension",
    group: "Coding agents",
    evidence: "documented",
    forms: [
      {
        dialect: "gemini",
        build: ({ url, key, model }) => [
          steps([
            "API Provider: Google Gemini",
            `Gemini API Key: ${key}`,
            `Use custom base URL: ${url}`,
            `Model: ${model}`,
          ]),
        ],
      },
      {
        dialect: "openai-chat",
        build: ({ url, key, model }) => [
          steps(["API Provider: OpenAI Compatible", `Base URL: ${url}/v1`, `API Key: ${key}`, `Model: ${model}`]),
        ],
      },
    ],
  };
}

function continueForm(dialect: "openai-chat" | "anthropic", provider: string): ConnectForm {
  return {
    dialect,
    build: ({ url, key, model }) => [
      {
        language: "yaml",
        file: "~/.continue/config.yaml",
        text: [
          `name: Gemini Proxy`,
          `version: 0.0.1`,
          `schema: v1`,
          `models:`,
          `  - name: ${quoted(model)}`,
          `    provider: ${provider}`,
          `    model: ${quoted(model)}`,
          `    apiBase: ${quoted(`${url}/v1/`)}`,
          `    apiKey: ${quoted(key)}`,
          `    roles: [chat, edit, apply]`,
          `    capabilities: [tool_use]`,
        ].join("\n"),
      },
    ],
  };
}
