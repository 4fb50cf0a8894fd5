import { execFileSync } from "node:child_process";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { gatewayUrl, keyPlaceholder, quoted, shellWord } from "./addresses.ts";
import type { ConnectValues } from "./addresses.ts";
import { allApps, chooseApp } from "./all-apps.ts";
import { connectDialects, type ConnectDialect } from "./apps.ts";

const values: ConnectValues = { url: "https://gw.example/base", key: keyPlaceholder, model: "gemini-3.8-flash" };

describe("the gateway's address", () => {
  it("is what the gateway tells, without a slash at its end, and else the page's", () => {
    expect(gatewayUrl("https://gw.example/base/", "http://x")).toBe("https://gw.example/base");
    expect(gatewayUrl(null, "http://x:1")).toBe("http://x:1");
    for (const wrong of ["", "gw.example", "javascript:alert(1)", "https://u:p@gw.example"])
      expect(gatewayUrl(wrong, "http://x")).toBe("http://x");
  });
});

describe("snippets", () => {
  it("of every app and dialect name the address, and the key once where one is wanted", () => {
    for (const app of allApps)
      for (const form of app.forms) {
        const text = form
          .build(values)
          .map((snippet) => snippet.text)
          .join("\n");
        expect(text, app.id).toContain(values.url);
        expect(text, app.id).toContain(values.key);
        expect(text, app.id).not.toContain("undefined");
      }
  });

  it("put the version into the address exactly where the client does not add it itself", () => {
    const text = (app: string, dialect: ConnectDialect): string =>
      chooseApp({ app, dialect })
        .form.build(values)
        .map((snippet) => snippet.text)
        .join("\n");
    for (const app of ["genai-js", "genai-python", "genai-go", "langchain", "gemini-cli", "cline", "roo-code"])
      expect(text(app, "gemini"), app).not.toContain("/v1");
    for (const app of ["ai-sdk", "litellm", "opencode"]) expect(text(app, "gemini"), app).toContain("/base/v1beta");
    for (const app of ["openai-js", "openai-python", "aider", "opencode", "open-webui", "langchain"])
      expect(text(app, "openai-chat"), app).toContain("/base/v1");
    for (const app of ["codex", "opencode", "copilot-cli", "pi", "openai-js", "openai-python", "ai-sdk"])
      expect(text(app, "openai-responses"), app).toContain("/base/v1");
    for (const app of ["claude-code", "copilot-cli", "qwen-code", "pi", "anthropic-js", "anthropic-python"])
      expect(text(app, "anthropic"), app).not.toContain("/base/v1");
    for (const app of ["opencode", "ai-sdk", "continue"]) expect(text(app, "anthropic"), app).toContain("/base/v1");
  });

  it("are marked as tested only where the test suite runs the client itself", () => {
    expect(allApps.filter((app) => app.evidence === "tested").map((app) => app.id)).toEqual([
      "genai-js",
      "ai-sdk",
      "openai-js",
      "anthropic-js",
      "codex",
      "claude-code",
      "gemini-cli",
      "opencode",
    ]);
  });

  it("of JSON files are JSON, whatever the key and model are", () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), (key, model) => {
        for (const app of allApps)
          for (const form of app.forms)
            for (const snippet of form.build({ ...values, key, model }))
              if (snippet.language === "json") expect(() => JSON.parse(snippet.text) as unknown).not.toThrow();
      }),
      { numRuns: 30 },
    );
  });

  it("of the agents that speak nothing else are in the agents' own dialects", () => {
    const dialectsOf = (id: string): string[] => chooseApp({ app: id }).app.forms.map(({ dialect }) => dialect);
    expect(dialectsOf("codex")).toEqual(["openai-responses"]);
    expect(dialectsOf("claude-code")).toEqual(["anthropic"]);
    expect(dialectsOf("opencode")).toEqual(connectDialects);
    expect(dialectsOf("pi")).toEqual(connectDialects);
    for (const app of allApps) expect(new Set(dialectsOf(app.id)).size, app.id).toBe(app.forms.length);
  });

  it("keep Codex from asking for a WebSocket and from OpenAI's own compaction", () => {
    const [file] = chooseApp({ app: "codex" }).form.build(values);
    expect(file?.text).toContain("supports_websockets = false");
    expect(file?.text).toContain('model_provider = "gateway"');
  });

  it("cannot be left by quotes in a key", () => {
    const hostile = `'"; echo no; $(id) \``;
    const out = execFileSync("sh", ["-c", `printf %s ${shellWord(hostile)}`], { encoding: "utf8" });
    expect(out).toBe(hostile);
    expect(JSON.parse(quoted(hostile))).toBe(hostile);
  });

  it("are unique by id, and an unknown one leads to the first", () => {
    expect(new Set(allApps.map((app) => app.id)).size).toBe(allApps.length);
    expect(chooseApp({ app: "nothing" }).app.id).toBe("curl");
    expect(chooseApp({ app: "aider", dialect: "gemini" }).form.dialect).toBe("openai-chat");
  });
});
