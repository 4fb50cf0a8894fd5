/**
 * Settings for coding agents, editors and chat applications.
 * @module
 */
import { quoted, shellWord } from "./addresses.ts";
import type { ConnectValues } from "./addresses.ts";
import type { ConnectApp, Snippet } from "./apps.ts";

/** Agents in a terminal or an editor. */
export const agentApps: readonly ConnectApp[] = [
  {
    id: "gemini-cli",
    name: "Gemini CLI",
    group: "Coding agents",
    evidence: "tested",
    forms: [
      {
        dialect: "gemini",
        build: ({ url, key }) => [
          {
            language: "json",
            file: "~/.gemini/settings.json",
            text: `{ "security": { "auth": { "selectedType": "gemini-api-key" } } }`,
          },
          {
            language: "sh",
            text: [
              `export GEMINI_API_KEY=${shellWord(key)}`,
              `export GOOGLE_GEMINI_BASE_URL=${shellWord(url)}`,
              `gemini`,
            ].join("\n"),
          },
        ],
      },
    ],
  },
  {
    id: "opencode",
    name: "opencode",
    group: "Coding agents",
    evidence: "documented",
    forms: [
      {
        dialect: "gemini",
        build: (values) => [opencode({ values, package: "@ai-sdk/google", base: `${values.url}/v1beta` })],
      },
      {
        dialect: "openai-chat",
        build: (values) => [opencode({ values, package: "@ai-sdk/openai-compatible", base: `${values.url}/v1` })],
      },
    ],
  },
  {
    id: "aider",
    name: "Aider",
    group: "Coding agents",
    evidence: "documented",
    forms: [
      {
        dialect: "openai-chat",
        build: ({ url, key, model }) => [
          {
            language: "sh",
            text: [
              `export OPENAI_API_BASE=${shellWord(`${url}/v1`)}`,
              `export OPENAI_API_KEY=${shellWord(key)}`,
              `aider --model ${shellWord(`openai/${model}`)}`,
            ].join("\n"),
          },
        ],
      },
    ],
  },
  editor({ id: "cline", name: "Cline" }),
  editor({ id: "roo-code", name: "Roo Code" }),
  editor({ id: "kilo-code", name: "Kilo Code" }),
  {
    id: "continue",
    name: "Continue",
    group: "Coding agents",
    evidence: "documented",
    forms: [
      {
        dialect: "openai-chat",
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
              `    provider: openai`,
              `    model: ${quoted(model)}`,
              `    apiBase: ${quoted(`${url}/v1/`)}`,
              `    apiKey: ${quoted(key)}`,
              `    roles: [chat, edit, apply]`,
              `    capabilities: [tool_use]`,
            ].join("\n"),
          },
        ],
      },
    ],
  },
];

/** Chat applications. */
export const chatApps: readonly ConnectApp[] = [
  {
    id: "open-webui",
    name: "Open WebUI",
    group: "Chat applications",
    evidence: "documented",
    forms: [
      {
        dialect: "openai-chat",
        build: ({ url, key }) => [
          {
            language: "sh",
            text: [
              `docker run -d -p 3000:8080 \\`,
              `  -e ${shellWord(`OPENAI_API_BASE_URL=${url}/v1`)} \\`,
              `  -e ${shellWord(`OPENAI_API_KEY=${key}`)} \\`,
              `  -v open-webui:/app/backend/data ghcr.io/open-webui/open-webui:main`,
            ].join("\n"),
            note: "From inside a container, localhost is the container: use host.docker.internal or the host's address.",
          },
          steps(["Or: Admin Panel → Settings → Connections → OpenAI API → +", `URL: ${url}/v1`, `Key: ${key}`]),
        ],
      },
    ],
  },
  {
    id: "cherry-studio",
    name: "Cherry Studio",
    group: "Chat applications",
    evidence: "documented",
    forms: [
      {
        dialect: "gemini",
        build: ({ url, key }) => [steps(["Settings → Model Provider → Gemini", `API Key: ${key}`, `API Host: ${url}`])],
      },
      {
        dialect: "openai-chat",
        build: ({ url, key }) => [
          steps(["Settings → Model Provider → Add, type OpenAI", `API Key: ${key}`, `API Host: ${url}`]),
        ],
      },
    ],
  },
  {
    id: "lobechat",
    name: "LobeChat",
    group: "Chat applications",
    evidence: "documented",
    forms: [
      {
        dialect: "gemini",
        build: ({ url, key }) => [
          {
            language: "sh",
            file: ".env",
            text: `GOOGLE_API_KEY=${shellWord(key)}\nGOOGLE_PROXY_URL=${shellWord(url)}`,
          },
        ],
      },
      {
        dialect: "openai-chat",
        build: ({ url, key }) => [
          {
            language: "sh",
            file: ".env",
            text: `OPENAI_API_KEY=${shellWord(key)}\nOPENAI_PROXY_URL=${shellWord(`${url}/v1`)}`,
          },
        ],
      },
    ],
  },
  {
    id: "sillytavern",
    name: "SillyTavern",
    group: "Chat applications",
    evidence: "documented",
    forms: [
      {
        dialect: "gemini",
        build: ({ url, key }) => [
          steps([
            "API Connections → Chat Completion → Google AI Studio → Reverse Proxy",
            `Proxy Server URL: ${url}`,
            `Proxy Password: ${key}`,
          ]),
        ],
      },
      {
        dialect: "openai-chat",
        build: ({ url, key }) => [
          steps([
            "API Connections → Chat Completion → Custom (OpenAI-compatible)",
            `Custom Endpoint (Base URL): ${url}/v1`,
            `Custom API Key: ${key}`,
          ]),
        ],
      },
    ],
  },
];

// --- helpers ---

function steps(lines: string[]): Snippet {
  return { language: "text", text: lines.join("\n") };
}

function opencode(parts: { values: ConnectValues; package: string; base: string }): Snippet {
  const { key, model } = parts.values;
  const provider = {
    npm: parts.package,
    name: "Gemini Proxy",
    options: { baseURL: parts.base, apiKey: key },
    models: { [model]: { name: model } },
  };
  const file = { $schema: "https://opencode.ai/config.json", provider: { "gemini-proxy": provider } };
  return {
    language: "json",
    file: "opencode.json",
    text: JSON.stringify(file, null, 2),
    note: `Then choose the model gemini-proxy/${model}.`,
  };
}

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
