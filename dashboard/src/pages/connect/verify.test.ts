import { describe, expect, it } from "vitest";
import type { ConnectDialect } from "./apps.ts";
import { modelNames, verifyKey } from "./verify.ts";

const verify = (
  answer: () => Response,
  dialect: ConnectDialect = "gemini",
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
  it("lists models in every dialect, with the key in a header and without cookies", async () => {
    const gemini = verify(() => Response.json({ models: [{ name: "models/a" }] }));
    expect(await gemini.result).toEqual({ ok: true, models: ["a"], tookMs: 5 });
    expect(gemini.sent[0]).toMatchObject({
      url: "/v1beta/models?pageSize=1000",
      init: { credentials: "omit", headers: { "x-goog-api-key": "gp-x" } },
    });
    const openai = verify(() => Response.json({ data: [{ id: "models/b" }] }), "openai-chat");
    expect(await openai.result).toMatchObject({ ok: true, models: ["b"] });
    expect(openai.sent[0]).toMatchObject({ url: "/v1/models", init: { headers: { authorization: "Bearer gp-x" } } });
    const responses = verify(() => Response.json({ data: [{ id: "c" }] }), "openai-responses");
    expect(await responses.result).toMatchObject({ ok: true, models: ["c"] });
    expect(responses.sent[0]?.url).toBe("/v1/models");
    const anthropic = verify(() => Response.json({ data: [{ type: "model", id: "d" }] }), "anthropic");
    expect(await anthropic.result).toMatchObject({ ok: true, models: ["d"] });
    expect(anthropic.sent[0]).toMatchObject({
      url: "/v1/models?limit=1000",
      init: { credentials: "omit", headers: { "x-api-key": "gp-x", "anthropic-version": "2023-06-01" } },
    });
  });

  it("tells the gateway's own words when it refuses, and when there is no answer", async () => {
    const refused = verify(() =>
      Response.json({ error: { status: "UNAUTHENTICATED", message: "no" } }, { status: 401 }),
    );
    expect(await refused.result).toMatchObject({ ok: false, status: 401, reason: "UNAUTHENTICATED: no" });
    const anthropic = verify(
      () => Response.json({ type: "error", error: { type: "authentication_error", message: "no" } }, { status: 401 }),
      "anthropic",
    );
    expect(await anthropic.result).toMatchObject({ ok: false, reason: "authentication_error: no" });
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
