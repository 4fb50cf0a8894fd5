/**
 * Settings for chat applications.
 * @module
 */
import { shellWord } from "./addresses.ts";
import { steps } from "./apps.ts";
import type { ConnectApp } from "./apps.ts";

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
