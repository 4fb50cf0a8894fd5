import { describe, expect, it } from "vitest";
import { modelNames, verifyKey } from "./verify.ts";

const verify = (
  answer: () => Response,
  dialect: "gemini" | "openai-chat" = "gemini",
): { result: ReturnType<typeof verifyKey>; sent: { url: string; init: RequestInit }[] } => {
  const sent: { url: string; init: RequestInit }[] = [];
  let time = 0;
  const result = verifyKey({
    dialect,
    key: "gp-x",
    now: () => (time += 5),
    fetch: (input, init) => {
      sent.push({ url: input as string, init: init ?? {} });
      return Promise.resolve(answer());
    },
  });
  return { result, sent };
};

describe("verifying a key", () => {
  it("lists models in both dialects, with the key in a header and without cookies", async () => {
    const gemini = verify(() => Response.json({ models: [{ name: "models/a" }] }));
    expect(await gemini.result).toEqual({ ok: true, models: ["a"], tookMs: 5 });
    expect(gemini.sent[0]).toMatchObject({
      url: "/v1beta/models?pageSize=1000",
      init: { credentials: "omit", headers: { "x-goog-api-key": "gp-x" } },
    });
    const openai = verify(() => Response.json({ data: [{ id: "models/b" }] }), "openai-chat");
    expect(await openai.result).toMatchObject({ ok: true, models: ["b"] });
    expect(openai.sent[0]).toMatchObject({ url: "/v1/models", init: { headers: { authorization: "Bearer gp-x" } } });
  });

  it("tells the gateway's own words when it refuses, and when there is no answer", async () => {
    const refused = verify(() =>
      Response.json({ error: { status: "UNAUTHENTICATED", message: "no" } }, { status: 401 }),
    );
    expect(await refused.result).toMatchObject({ ok: false, status: 401, reason: "UNAUTHENTICATED: no" });
    const gone = verify(() => {
      throw new TypeError("fetch failed");
    });
    expect(await gone.result).toMatchObject({ ok: false, status: null });
  });
});

describe("names of models", () => {
  it("come once each, those that generate first, whatever else is in the list", () => {
    expect(
      modelNames({
        models: [
          { name: "models/embed", supportedGenerationMethods: ["embedContent"] },
          { name: "models/flash", supportedGenerationMethods: ["generateContent"] },
          { name: "models/flash" },
          { name: 5 },
          null,
        ],
      }),
    ).toEqual(["flash", "embed"]);
    expect(modelNames(null)).toEqual([]);
    expect(modelNames("x")).toEqual([]);
  });
});
