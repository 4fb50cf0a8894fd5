/**
 * Snippets for the libraries of OpenAI, Anthropic and Vercel.
 * @module
 */
import { quoted } from "./addresses.ts";
import type { ConnectApp, ConnectDialect, ConnectForm } from "./apps.ts";

/** SDKs of other vendors. */
export const vendorApps: readonly ConnectApp[] = [
  {
    id: "ai-sdk",
    name: "Vercel AI SDK",
    group: "Code",
    evidence: "tested",
    forms: [
      aiSdk({ dialect: "gemini", npm: "@ai-sdk/google", maker: "createGoogleGenerativeAI", path: "/v1beta" }),
      aiSdk({
        dialect: "openai-chat",
        npm: "@ai-sdk/openai-compatible",
        maker: "createOpenAICompatible",
        path: "/v1",
        more: `name: "gateway", `,
      }),
      aiSdk({ dialect: "openai-responses", npm: "@ai-sdk/openai", maker: "createOpenAI", path: "/v1" }),
      aiSdk({ dialect: "anthropic", npm: "@ai-sdk/anthropic", maker: "createAnthropic", path: "/v1" }),
    ],
  },
  {
    id: "openai-js",
    name: "openai",
    detail: "JavaScript",
    group: "Code",
    evidence: "tested",
    forms: [
      openaiJs("openai-chat", (model) => [
        `const answer = await client.chat.completions.create({`,
        `  model: ${quoted(model)},`,
        `  messages: [{ role: "user", content: "Hello" }],`,
        `});`,
      ]),
      openaiJs("openai-responses", (model) => [
        `const answer = await client.responses.create({ model: ${quoted(model)}, input: "Hello" });`,
        `console.log(answer.output_text);`,
      ]),
    ],
  },
  {
    id: "openai-python",
    name: "openai",
    detail: "Python",
    group: "Code",
    evidence: "documented",
    forms: [
      openaiPython("openai-chat", (model) => [
        `answer = client.chat.completions.create(`,
        `    model=${quoted(model)},`,
        `    messages=[{"role": "user", "content": "Hello"}],`,
        `)`,
      ]),
      openaiPython("openai-responses", (model) => [
        `answer = client.responses.create(model=${quoted(model)}, input="Hello")`,
        `print(answer.output_text)`,
      ]),
    ],
  },
  {
    id: "anthropic-js",
    name: "@anthropic-ai/sdk",
    detail: "JavaScript",
    group: "Code",
    evidence: "tested",
    forms: [
      {
        dialect: "anthropic",
        build: ({ url, key, model }) => [
          {
            language: "ts",
            text: [
              `import Anthropic from "@anthropic-ai/sdk";`,
              ``,
              `const client = new Anthropic({ authToken: ${quoted(key)}, baseURL: ${quoted(url)} });`,
              `const message = await client.messages.create({`,
              `  model: ${quoted(model)},`,
              `  max_tokens: 4096,`,
              `  messages: [{ role: "user", content: "Hello" }],`,
              `});`,
            ].join("\n"),
          },
        ],
      },
    ],
  },
  {
    id: "anthropic-python",
    name: "anthropic",
    detail: "Python",
    group: "Code",
    evidence: "documented",
    forms: [
      {
        dialect: "anthropic",
        build: ({ url, key, model }) => [
          {
            language: "python",
            text: [
              `from anthropic import Anthropic`,
              ``,
              `client = Anthropic(auth_token=${quoted(key)}, base_url=${quoted(url)})`,
              `message = client.messages.create(`,
              `    model=${quoted(model)},`,
              `    max_tokens=4096,`,
              `    messages=[{"role": "user", "content": "Hello"}],`,
              `)`,
            ].join("\n"),
          },
        ],
      },
    ],
  },
];

// --- helpers ---

function aiSdk(provider: {
  dialect: ConnectDialect;
  npm: string;
  maker: string;
  path: string;
  more?: string;
}): ConnectForm {
  const { dialect, npm, maker, path, more = "" } = provider;
  return {
    dialect,
    build: ({ url, key, model }) => [
      {
        language: "ts",
        text: [
          `import { ${maker} } from "${npm}";`,
          `import { generateText } from "ai";`,
          ``,
          `const gateway = ${maker}({ ${more}apiKey: ${quoted(key)}, baseURL: ${quoted(url + path)} });`,
          `const { text } = await generateText({ model: gateway(${quoted(model)}), prompt: "Hello" });`,
        ].join("\n"),
      },
    ],
  };
}

function openaiJs(dialect: ConnectDialect, ask: (model: string) => string[]): ConnectForm {
  return {
    dialect,
    build: ({ url, key, model }) => [
      {
        language: "ts",
        text: [
          `import OpenAI from "openai";`,
          ``,
          `const client = new OpenAI({ apiKey: ${quoted(key)}, baseURL: ${quoted(`${url}/v1`)} });`,
          ...ask(model),
        ].join("\n"),
      },
    ],
  };
}

function openaiPython(dialect: ConnectDialect, ask: (model: string) => string[]): ConnectForm {
  return {
    dialect,
    build: ({ url, key, model }) => [
      {
        language: "python",
        text: [
          `from openai import OpenAI`,
          ``,
          `client = OpenAI(api_key=${quoted(key)}, base_url=${quoted(`${url}/v1`)})`,
          ...ask(model),
        ].join("\n"),
      },
    ],
  };
}
