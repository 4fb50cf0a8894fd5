/**
 * Settings for coding agents in a terminal.
 * @module
 */
import { quoted, shellWord } from "./addresses.ts";
import type { ConnectValues } from "./addresses.ts";
import type { ConnectApp, ConnectDialect, ConnectForm, Snippet } from "./apps.ts";

/** Agents in a terminal. */
export const agentApps: readonly ConnectApp[] = [
  {
    id: "codex",
    name: "Codex CLI",
    group: "Coding agents",
    evidence: "tested",
    forms: [
      {
        dialect: "openai-responses",
        build: ({ url, key, model }) => [
          {
            language: "toml",
            file: "~/.codex/config.toml",
            text: [
              `model = ${quoted(model)}`,
              `model_provider = "gateway"`,
              ``,
              `[model_providers.gateway]`,
              `name = "Gemini Proxy"`,
              `base_url = ${quoted(`${url}/v1`)}`,
              `env_key = "GATEWAY_KEY"`,
              `wire_api = "responses"`,
              `supports_websockets = false`,
            ].join("\n"),
            note: "A provider of its own, so that Codex compacts long conversations by itself. Keep the real name of the model: for names that it knows as OpenAI's it sends other tools.",
          },
          { language: "sh", text: exports({ GATEWAY_KEY: key }, "codex") },
        ],
      },
    ],
  },
  {
    id: "claude-code",
    name: "Claude Code",
    group: "Coding agents",
    evidence: "tested",
    forms: [
      {
        dialect: "anthropic",
        build: ({ url, key, model }) => [
          {
            language: "sh",
            text: exports(
              {
                ANTHROPIC_BASE_URL: url,
                ANTHROPIC_AUTH_TOKEN: key,
                ANTHROPIC_MODEL: model,
                ANTHROPIC_SMALL_FAST_MODEL: "gemini-3.5-flash-lite",
                CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: "1",
              },
              "claude",
            ),
            note: 'The same variables can stand under "env" in ~/.claude/settings.json.',
          },
        ],
      },
    ],
  },
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
          { language: "sh", text: exports({ GEMINI_API_KEY: key, GOOGLE_GEMINI_BASE_URL: url }, "gemini") },
        ],
      },
    ],
  },
  {
    id: "opencode",
    name: "opencode",
    group: "Coding agents",
    evidence: "tested",
    forms: [
      opencode("gemini", "@ai-sdk/google", "/v1beta"),
      opencode("openai-chat", "@ai-sdk/openai-compatible", "/v1"),
      opencode("openai-responses", "@ai-sdk/openai", "/v1"),
      opencode("anthropic", "@ai-sdk/anthropic", "/v1"),
    ],
  },
  {
    id: "copilot-cli",
    name: "Copilot CLI",
    group: "Coding agents",
    evidence: "documented",
    forms: [
      copilot("openai-chat", (url) => ({
        COPILOT_PROVIDER_BASE_URL: `${url}/v1`,
        COPILOT_PROVIDER_TYPE: "openai",
        COPILOT_PROVIDER_WIRE_API: "completions",
      })),
      copilot("openai-responses", (url) => ({
        COPILOT_PROVIDER_BASE_URL: `${url}/v1`,
        COPILOT_PROVIDER_TYPE: "openai",
        COPILOT_PROVIDER_WIRE_API: "responses",
        COPILOT_PROVIDER_TRANSPORT: "http",
      })),
      copilot("anthropic", (url) => ({ COPILOT_PROVIDER_BASE_URL: url, COPILOT_PROVIDER_TYPE: "anthropic" })),
    ],
  },
  {
    id: "qwen-code",
    name: "Qwen Code",
    group: "Coding agents",
    evidence: "documented",
    forms: [
      qwen("gemini", ({ url, key, model }) =>
        exports({ GEMINI_API_KEY: key, GOOGLE_GEMINI_BASE_URL: url }, `qwen --auth-type gemini -m ${shellWord(model)}`),
      ),
      qwen("openai-chat", ({ url, key, model }) =>
        exports({ OPENAI_API_KEY: key, OPENAI_BASE_URL: `${url}/v1`, OPENAI_MODEL: model }, "qwen --auth-type openai"),
      ),
      qwen("anthropic", ({ url, key, model }) =>
        exports(
          { ANTHROPIC_API_KEY: key, ANTHROPIC_BASE_URL: url, ANTHROPIC_MODEL: model },
          `qwen --auth-type anthropic -m ${shellWord(model)}`,
        ),
      ),
    ],
  },
  {
    id: "pi",
    name: "pi",
    group: "Coding agents",
    evidence: "documented",
    forms: [
      pi("gemini", "google-generative-ai", "/v1beta"),
      pi("openai-chat", "openai-completions", "/v1"),
      pi("openai-responses", "openai-responses", "/v1"),
      pi("anthropic", "anthropic-messages", ""),
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
            text: exports(
              { OPENAI_API_BASE: `${url}/v1`, OPENAI_API_KEY: key },
              `aider --model ${shellWord(`openai/${model}`)}`,
            ),
          },
        ],
      },
    ],
  },
];

// --- helpers ---

function exports(variables: Record<string, string>, command: string): string {
  const lines = Object.entries(variables).map(([name, value]) => `export ${name}=${shellWord(value)}`);
  return [...lines, command].join("\n");
}

function opencode(dialect: ConnectDialect, npm: string, path: string): ConnectForm {
  return {
    dialect,
    build: ({ url, key, model }) => {
      const gateway = {
        npm,
        name: "Gemini Proxy",
        options: { baseURL: url + path, apiKey: key },
        models: { [model]: { name: model, tool_call: true } },
      };
      return [
        {
          language: "json",
          file: "opencode.json",
          text: JSON.stringify({ $schema: "https://opencode.ai/config.json", provider: { gateway } }, null, 2),
          note: `Then choose the model gateway/${model}.`,
        },
      ];
    },
  };
}

function copilot(dialect: ConnectDialect, provider: (url: string) => Record<string, string>): ConnectForm {
  return {
    dialect,
    build: ({ url, key, model }) => [
      {
        language: "sh",
        text: exports({ ...provider(url), COPILOT_PROVIDER_API_KEY: key, COPILOT_MODEL: model }, "copilot"),
      },
    ],
  };
}

function qwen(dialect: ConnectDialect, command: (values: ConnectValues) => string): ConnectForm {
  return { dialect, build: (values): Snippet[] => [{ language: "sh", text: command(values) }] };
}

function pi(dialect: ConnectDialect, api: string, path: string): ConnectForm {
  return {
    dialect,
    build: ({ url, key, model }) => [
      {
        language: "json",
        file: "~/.pi/agent/models.json",
        text: JSON.stringify(
          { providers: { gateway: { baseUrl: url + path, api, apiKey: key, models: [{ id: model }] } } },
          null,
          2,
        ),
      },
      { language: "sh", text: `pi --provider gateway --model ${shellWord(model)}` },
    ],
  };
}
