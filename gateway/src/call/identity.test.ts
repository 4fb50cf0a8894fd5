import { describe, expect, it } from "vitest";
import { identify } from "./identity.ts";

const google = { google: true };
const bearer = { google: false };

describe("native paths", () => {
  it.each([
    ["/v1beta/models/gemini-3.8-flash:generateContent", "generate", "gemini-3.8-flash", "unary"],
    ["/v1/models/gemini-3.8-flash:generateContent", "generate", "gemini-3.8-flash", "unary"],
    ["/v1main/models/gemini-3.8-flash:generateContent", "generate", "gemini-3.8-flash", "unary"],
    ["/v1beta/models/gemini-3.8-flash%3AgenerateContent", "generate", "gemini-3.8-flash", "unary"],
    ["/v1beta/models/gemini-3.8-flash:streamGenerateContent?alt=sse", "stream-generate", "gemini-3.8-flash", "sse"],
    ["/v1beta/models/gemini-3.8-flash:streamGenerateContent?%24alt=sse", "stream-generate", "gemini-3.8-flash", "sse"],
    ["/v1beta/models/gemini-3.8-flash:streamGenerateContent", "stream-generate", "gemini-3.8-flash", "json-array"],
    ["/v1beta/models/gemini-3.8-flash:countTokens", "count-tokens", "gemini-3.8-flash", "unary"],
    ["/v1beta/models/gemini-embedding-2:batchEmbedContents", "embed", "gemini-embedding-2", "unary"],
    ["/v1beta/tunedModels/mine:generateContent", "generate", "tunedModels/mine", "unary"],
    ["/v1beta/models", "models", null, "unary"],
    ["/v1beta/models/gemini-3.8-flash", "models", "gemini-3.8-flash", "unary"],
  ])("%s is %s of %s", (url, operation, model, framing) => {
    const identity = identify("POST", url, google);
    expect(identity).toMatchObject({ dialect: "gemini", backend: "gemini-api", operation, model, framing });
    expect(identity?.target).toBe(url);
  });

  it("keeps repeated query parameters and their order, and takes the key out", () => {
    const identity = identify("GET", "/v1beta/files?a=1&key=gp-secret&a=2&pageSize=5", bearer);
    expect(identity?.target).toBe("/v1beta/files?a=1&a=2&pageSize=5");
    expect(identity?.queryKey).toBe("gp-secret");
  });

  it("takes a percent-encoded key parameter out as well", () => {
    const identity = identify("GET", "/v1beta/models?%6bey=gp-a%2Db&x=%20", bearer);
    expect(identity?.target).toBe("/v1beta/models?x=%20");
    expect(identity?.queryKey).toBe("gp-a-b");
  });

  it("collapses doubled slashes and doubled versions, and takes mount prefixes off", () => {
    const expected = "/v1beta/models/m:generateContent";
    for (const url of [
      "//v1beta//models/m:generateContent",
      "/v1beta/v1beta/models/m:generateContent",
      "/api/gproxy/gemini/v1beta/models/m:generateContent",
      "/gemini/v1beta/models/m:generateContent",
      "/models/m:generateContent",
    ])
      expect(identify("POST", url, google)?.target).toBe(expected);
  });

  it("takes every name of a credential out of the query", () => {
    const url = "/v1beta/models?oauth_token=a&access_token=b&bearer_token=c&%6Fauth_token=d&pageToken=e";
    expect(identify("GET", url, google)?.target).toBe("/v1beta/models?pageToken=e");
  });

  it.each([
    "/openai/../models/m:generateContent",
    "/v1beta/openai/x/%2e%2E/%2e%2e/models/m:generateContent",
    "/v1beta/models/allowed/../other:generateContent",
    "/v1beta/models/allowed%2f..%2fother:generateContent",
    "/v1beta/models/allowed\\..\\other:generateContent",
    "/v1beta/./models",
    "/v1beta/models/..",
  ])("serves nothing at %s: what is asked would not be what was judged", (url) => {
    expect(identify("POST", url, google)).toBeNull();
    expect(identify("POST", url, bearer)).toBeNull();
  });

  it("takes dots in names for what they are", () => {
    expect(identify("GET", "/v1beta/models/gemini-3.8-flash", google)?.model).toBe("gemini-3.8-flash");
    expect(identify("GET", "/v1beta/files/..a", google)).not.toBeNull();
  });

  it("does not serve TRACE, which would send the credential back", () => {
    expect(identify("TRACE", "/v1beta/models", google)).toBeNull();
    expect(identify("PROPFIND", "/v1beta/models", google)).toBeNull();
  });

  it("passes uploads as they come and does not repeat them", () => {
    const identity = identify("POST", "/upload/v1beta/files?uploadType=media", google);
    expect(identity).toMatchObject({ operation: "upload", bodyMode: "pass", repeatable: false, namesResource: true });
  });

  it("does not repeat what creates something", () => {
    expect(identify("POST", "/v1beta/models/m:batchGenerateContent", google)?.repeatable).toBe(false);
    expect(identify("POST", "/v1beta/cachedContents", google)?.repeatable).toBe(false);
    expect(identify("POST", "/v1beta/models/m:countTokens", google)?.repeatable).toBe(true);
  });
});

describe("OpenAI paths", () => {
  it.each([
    "/v1/chat/completions",
    "/openai/v1/chat/completions",
    "/openai/chat/completions",
    "/v1beta/openai/chat/completions",
    "/v1beta/openai/v1/chat/completions",
    "/api/gproxy/openai/chat/completions",
    "/api/gproxy/openai/v1/chat/completions",
    "/api/gproxy/gemini/v1beta/openai/chat/completions",
    "/v1beta/chat/completions",
    "/chat/completions",
    "//v1//chat/completions",
  ])("%s reaches Google's OpenAI surface once", (url) => {
    expect(identify("POST", url, bearer)).toMatchObject({
      dialect: "openai-chat",
      backend: "gemini-openai",
      target: "/chat/completions",
      modelInBody: true,
    });
  });

  it("tells /v1/models apart by the credential", () => {
    expect(identify("GET", "/v1/models", bearer)).toMatchObject({ dialect: "openai-chat", target: "/models" });
    expect(identify("GET", "/v1/models", google)).toMatchObject({ dialect: "gemini", target: "/v1/models" });
    expect(identify("GET", "/v1/models?key=gp-x", bearer)).toMatchObject({ dialect: "gemini", target: "/v1/models" });
    expect(identify("GET", "/v1beta/models", bearer)).toMatchObject({ dialect: "gemini" });
    expect(identify("GET", "/models", bearer)).toMatchObject({ dialect: "openai-chat" });
    expect(identify("GET", "/models", google)).toMatchObject({ dialect: "gemini", target: "/v1beta/models" });
  });

  it("takes Gemini methods under /v1 for Google's whatever the credential", () => {
    expect(identify("POST", "/v1/models/m:generateContent", bearer)).toMatchObject({ dialect: "gemini" });
    expect(identify("POST", "/v1/interactions", bearer)).toMatchObject({ dialect: "gemini" });
  });
});

describe("unknown paths", () => {
  it.each(["/favicon.ico", "/wp-login.php", "/v1beta", "/.env", "/api", "/ws/x"])("%s is not served", (url) => {
    expect(identify("GET", url, bearer)).toBeNull();
  });
});

describe("translated paths", () => {
  const anthropic = { google: false, anthropic: true };

  it.each([
    ["/v1/messages", "anthropic", "messages"],
    ["/v1/messages?beta=true", "anthropic", "messages"],
    ["/v1/v1/messages", "anthropic", "messages"],
    ["/messages", "anthropic", "messages"],
    ["/v1/messages/count_tokens?beta=true", "anthropic", "count-tokens"],
    ["/v1/responses", "openai-responses", "responses"],
    ["/responses", "openai-responses", "responses"],
    ["/openai/v1/responses", "openai-responses", "responses"],
  ])("POST %s is %s %s", (url, dialect, operation) => {
    const identity = identify("POST", url, bearer);
    expect(identity).toMatchObject({ dialect, operation, translated: true, backend: "gemini-api", modelInBody: true });
    expect(identity?.generative).toBe(operation !== "count-tokens");
  });

  it("lists models in the shape of whoever asks", () => {
    expect(identify("GET", "/v1/models", anthropic)).toMatchObject({ dialect: "anthropic", translated: true });
    expect(identify("GET", "/v1/models/gemini-2.5-pro", anthropic)?.target).toBe("/v1beta/models/gemini-2.5-pro");
    expect(identify("GET", "/v1/models", bearer)).toMatchObject({ dialect: "openai-chat", translated: false });
    expect(identify("GET", "/v1/models", { google: true, anthropic: true })?.dialect).toBe("gemini");
  });

  it("serves nothing else below responses and messages", () => {
    for (const url of ["/v1/responses/resp_1", "/v1/responses/compact", "/v1/messages/batches"]) {
      expect(identify("GET", url, bearer)).toBeNull();
      expect(identify("POST", url, bearer)?.operation).not.toBe("responses");
    }
    expect(identify("GET", "/v1/messages", bearer)).toBeNull();
  });

  it.each([
    "/v1beta1/publishers/google/models/gemini-2.5-pro:streamGenerateContent?alt=sse",
    "/v1/projects/p/locations/global/publishers/google/models/gemini-2.5-pro:streamGenerateContent?alt=sse",
  ])("%s is Vertex's form of a native call", (url) => {
    expect(identify("POST", url, google)).toMatchObject({
      dialect: "gemini",
      model: "gemini-2.5-pro",
      stream: true,
      target: "/v1beta/models/gemini-2.5-pro:streamGenerateContent?alt=sse",
    });
  });
});
