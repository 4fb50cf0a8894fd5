/**
 * Snippets for curl, Google's libraries, and those that speak to many vendors.
 * @module
 */
import { quoted, shellWord } from "./addresses.ts";
import type { ConnectApp } from "./apps.ts";

/** Command line and SDKs. */
export const codeApps: readonly ConnectApp[] = [
  {
    id: "curl",
    name: "curl",
    group: "Code",
    evidence: "documented",
    forms: [
      {
        dialect: "gemini",
        build: ({ url, key, model }) => [
          {
            language: "sh",
            text: [
              `curl -N ${shellWord(`${url}/v1beta/models/${model}:streamGenerateContent?alt=sse`)} \\`,
              `  -H ${shellWord(`x-goog-api-key: ${key}`)} \\`,
              `  -H 'content-type: application/json' \\`,
              `  -d '{"contents":[{"parts":[{"text":"Hello"}]}]}'`,
            ].join("\n"),
          },
        ],
      },
      {
        dialect: "openai-chat",
        build: ({ url, key, model }) => [
          {
            language: "sh",
            text: [
              `curl -N ${shellWord(`${url}/v1/chat/completions`)} \\`,
              `  -H ${shellWord(`Authorization: Bearer ${key}`)} \\`,
              `  -H 'content-type: application/json' \\`,
              `  -d ${shellWord(JSON.stringify({ model, stream: true, messages: [{ role: "user", content: "Hello" }] }))}`,
            ].join("\n"),
          },
        ],
      },
      {
        dialect: "openai-responses",
        build: ({ url, key, model }) => [
          {
            language: "sh",
            text: [
              `curl -N ${shellWord(`${url}/v1/responses`)} \\`,
              `  -H ${shellWord(`Authorization: Bearer ${key}`)} \\`,
              `  -H 'content-type: application/json' \\`,
              `  -d ${shellWord(JSON.stringify({ model, stream: true, input: "Hello" }))}`,
            ].join("\n"),
          },
        ],
      },
      {
        dialect: "anthropic",
        build: ({ url, key, model }) => [
          {
            language: "sh",
            text: [
              `curl -N ${shellWord(`${url}/v1/messages`)} \\`,
              `  -H ${shellWord(`x-api-key: ${key}`)} -H 'anthropic-version: 2023-06-01' \\`,
              `  -H 'content-type: application/json' \\`,
              `  -d ${shellWord(JSON.stringify({ model, max_tokens: 4096, stream: true, messages: [{ role: "user", content: "Hello" }] }))}`,
            ].join("\n"),
          },
        ],
      },
    ],
  },
  {
    id: "genai-js",
    name: "@google/genai",
    detail: "JavaScript",
    group: "Code",
    evidence: "tested",
    forms: [
      {
        dialect: "gemini",
        build: ({ url, key, model }) => [
          {
            language: "ts",
            text: [
              `import { GoogleGenAI } from "@google/genai";`,
              ``,
              `const ai = new GoogleGenAI({ apiKey: ${quoted(key)}, httpOptions: { baseUrl: ${quoted(url)} } });`,
              `const answer = await ai.models.generateContent({ model: ${quoted(model)}, contents: "Hello" });`,
              `console.log(answer.text);`,
            ].join("\n"),
          },
        ],
      },
    ],
  },
  {
    id: "genai-python",
    name: "google-genai",
    detail: "Python",
    group: "Code",
    evidence: "documented",
    forms: [
      {
        dialect: "gemini",
        build: ({ url, key, model }) => [
          {
            language: "python",
            text: [
              `from google import genai`,
              ``,
              `client = genai.Client(api_key=${quoted(key)}, http_options={"base_url": ${quoted(url)}})`,
              `print(client.models.generate_content(model=${quoted(model)}, contents="Hello").text)`,
            ].join("\n"),
          },
        ],
      },
    ],
  },
  {
    id: "genai-go",
    name: "go-genai",
    detail: "Go",
    group: "Code",
    evidence: "documented",
    forms: [
      {
        dialect: "gemini",
        build: ({ url, key, model }) => [
          {
            language: "go",
            text: [
              `client, err := genai.NewClient(ctx, &genai.ClientConfig{`,
              `\tAPIKey:      ${quoted(key)},`,
              `\tHTTPOptions: genai.HTTPOptions{BaseURL: ${quoted(url)}},`,
              `})`,
              `// …`,
              `answer, err := client.Models.GenerateContent(ctx, ${quoted(model)}, genai.Text("Hello"), nil)`,
            ].join("\n"),
          },
        ],
      },
    ],
  },
  {
    id: "litellm",
    name: "LiteLLM",
    detail: "Python",
    group: "Code",
    evidence: "documented",
    forms: [
      {
        dialect: "gemini",
        build: ({ url, key, model }) => [
          {
            language: "python",
            text: [
              `import litellm`,
              ``,
              `answer = litellm.completion(`,
              `    model=${quoted(`gemini/${model}`)},`,
              `    api_base=${quoted(`${url}/v1beta`)},`,
              `    api_key=${quoted(key)},`,
              `    messages=[{"role": "user", "content": "Hello"}],`,
              `)`,
            ].join("\n"),
          },
        ],
      },
      {
        dialect: "openai-chat",
        build: ({ url, key, model }) => [
          {
            language: "python",
            text: [
              `import litellm`,
              ``,
              `answer = litellm.completion(`,
              `    model=${quoted(`openai/${model}`)},`,
              `    api_base=${quoted(`${url}/v1`)},`,
              `    api_key=${quoted(key)},`,
              `    messages=[{"role": "user", "content": "Hello"}],`,
              `)`,
            ].join("\n"),
          },
        ],
      },
    ],
  },
  {
    id: "langchain",
    name: "LangChain",
    detail: "Python",
    group: "Code",
    evidence: "documented",
    forms: [
      {
        dialect: "gemini",
        build: ({ url, key, model }) => [
          {
            language: "python",
            text: [
              `from langchain_google_genai import ChatGoogleGenerativeAI`,
              ``,
              `llm = ChatGoogleGenerativeAI(`,
              `    model=${quoted(model)},`,
              `    api_key=${quoted(key)},`,
              `    base_url=${quoted(url)},`,
              `)`,
            ].join("\n"),
            note: "langchain-google-genai 4 or later, which is built on google-genai.",
          },
        ],
      },
      {
        dialect: "openai-chat",
        build: ({ url, key, model }) => [
          {
            language: "python",
            text: [
              `from langchain_openai import ChatOpenAI`,
              ``,
              `llm = ChatOpenAI(model=${quoted(model)}, api_key=${quoted(key)}, base_url=${quoted(`${url}/v1`)})`,
            ].join("\n"),
          },
        ],
      },
    ],
  },
];
