/** @module Tests of quota errors over real HTTP. */

import { afterAll, beforeEach, describe, expect, it } from "vitest";

import type { ProjectConfig } from "./emulator.ts";
import { startEmulator } from "./emulator.ts";
import { at, call, prompt, to } from "./test-client.ts";

const NOON = Date.parse("2026-11-20T20:00:00Z");
const emulator = await startEmulator({ now: () => NOON, projects: [] });
afterAll(() => emulator.close());
beforeEach(() => emulator.reset());

const project = (quotas: ProjectConfig["quotas"], tier: ProjectConfig["tier"] = "free"): void =>
  emulator.setProject({
    id: "projects/1",
    keys: [{ key: "AQ.a" }, { key: "AQ.b" }],
    tier,
    ...(quotas ? { quotas } : {}),
  });

const ask = async (
  model = "gemini-3.8-flash",
  text = "hi",
  key = "AQ.a",
): Promise<{ status: number; body: unknown }> => {
  const response = await call(emulator, { path: to(model), body: prompt(text), key });
  return { status: response.status, body: await response.json() };
};

describe("quota errors", () => {
  it("look like the recorded one: help, violations, retry delay", async () => {
    project({ "gemini-3.8-flash": { requestsPerMinute: 1 } });
    expect((await ask()).status).toBe(200);
    emulator.advance(8_613.5);
    const { status, body } = await ask();
    expect(status).toBe(429);
    expect(body).toEqual({
      error: {
        code: 429,
        message:
          "You exceeded your current quota, please check your plan and billing details. For more information on this error, head to: https://ai.google.dev/gemini-api/docs/rate-limits. To monitor your current usage, head to: https://ai.dev/rate-limit. \n* Quota exceeded for metric: generativelanguage.googleapis.com/generate_content_free_tier_requests, limit: 1, model: gemini-3.8-flash\nPlease retry in 51.3865s.",
        status: "RESOURCE_EXHAUSTED",
        details: [
          {
            "@type": "type.googleapis.com/google.rpc.Help",
            links: [
              {
                description: "Learn more about Gemini API quotas",
                url: "https://ai.google.dev/gemini-api/docs/rate-limits",
              },
            ],
          },
          {
            "@type": "type.googleapis.com/google.rpc.QuotaFailure",
            violations: [
              {
                quotaMetric: "generativelanguage.googleapis.com/generate_content_free_tier_requests",
                quotaId: "GenerateRequestsPerMinutePerProjectPerModel-FreeTier",
                quotaDimensions: { location: "global", model: "gemini-3.8-flash" },
                quotaValue: "1",
              },
            ],
          },
          { "@type": "type.googleapis.com/google.rpc.RetryInfo", retryDelay: "51s" },
        ],
      },
    });
  });

  it("count per project and model, not per key, and across both surfaces", async () => {
    project({ "*": { requestsPerMinute: 2 } });
    expect((await ask()).status).toBe(200);
    const chat = { model: "gemini-3.8-flash", messages: [{ role: "user", content: "hi" }] };
    expect((await call(emulator, { path: "/v1beta/openai/chat/completions", body: chat, key: "AQ.b" })).status).toBe(
      200,
    );
    expect((await ask("gemini-3.8-flash", "hi", "AQ.b")).status).toBe(429);
    const openai = await call(emulator, { path: "/v1beta/openai/chat/completions", body: chat, key: "AQ.a" });
    expect(openai.status).toBe(429);
    expect(at(await openai.json(), "0.error.status")).toBe("RESOURCE_EXHAUSTED");
    expect((await ask("gemini-2.5-flash")).status).toBe(200);
    emulator.advance(60_000);
    expect((await ask()).status).toBe(200);
  });

  it("count days to midnight in Los Angeles", async () => {
    project({ "*": { requestsPerDay: 1, requestsPerMinute: null } });
    await ask();
    const { body } = await ask();
    expect(at(body, "error.details.1.violations.0.quotaId")).toBe("GenerateRequestsPerDayPerProjectPerModel-FreeTier");
    emulator.advance(12 * 3_600_000 - 1);
    expect((await ask()).status).toBe(429);
    emulator.advance(1);
    expect((await ask()).status).toBe(200);
  });

  it("count input tokens of the tier", async () => {
    project({ "gemini-3.8-flash": { inputTokensPerMinute: 10 } }, "paid2");
    expect((await ask("gemini-3.8-flash", "x".repeat(40))).status).toBe(200);
    const { body } = await ask();
    expect(at(body, "error.details.1.violations.0")).toMatchObject({
      quotaMetric: "generativelanguage.googleapis.com/generate_content_paid_tier_2_input_token_count",
      quotaId: "GenerateContentPaidTierInputTokensPerModelPerMinute-PaidTier2",
      quotaValue: "10",
    });
  });

  it("are `limit: 0` in every window for Pro on the free tier", async () => {
    project(undefined);
    const { status, body } = await ask("gemini-3.1-pro-preview");
    expect(status).toBe(429);
    expect(String(at(body, "error.message")).match(/limit: 0, model: gemini-3\.1-pro-preview/g)).toHaveLength(3);
    expect(
      (at(body, "error.details.1.violations") as { quotaValue: string }[]).map(({ quotaValue }) => quotaValue),
    ).toEqual(["0", "0", "0"]);
  });

  it("count requests that fail, but not those refused by quota", async () => {
    project({ "*": { requestsPerMinute: 2 } });
    const bad = await call(emulator, { path: to("gemini-3.8-flash"), body: "{", key: "AQ.a" });
    expect(bad.status).toBe(400);
    expect((await ask()).status).toBe(200);
    expect((await ask()).status).toBe(429);
    emulator.advance(60_000);
    expect([(await ask()).status, (await ask()).status, (await ask()).status]).toEqual([200, 200, 429]);
  });

  it("count requests that fail inside Google", async () => {
    project({ "*": { requestsPerMinute: 2 } });
    emulator.fault({ do: { error: "overloaded" } });
    expect([(await ask()).status, (await ask()).status, (await ask()).status]).toEqual([503, 200, 429]);
  });

  it("have their own ids for embeddings", async () => {
    project({ "gemini-embedding-001": { requestsPerMinute: 0 } });
    const body = { content: { parts: [{ text: "x" }] } };
    const refused = await call(emulator, { path: to("gemini-embedding-001", "embedContent"), body, key: "AQ.a" });
    expect(at(await refused.json(), "error.details.1.violations.0.quotaId")).toBe(
      "EmbedContentRequestsPerMinutePerUserPerProjectPerModel-FreeTier",
    );
  });

  it("allow the free tier's Flash 20 requests a day and 10 a minute", async () => {
    project(undefined);
    let served = 0;
    for (let minute = 0; minute < 4; minute++) {
      for (let request = 0; request < 12; request++) if ((await ask()).status === 200) served++;
      expect(served).toBe(Math.min(20, 10 * (minute + 1)));
      emulator.advance(60_000);
    }
  });
});
