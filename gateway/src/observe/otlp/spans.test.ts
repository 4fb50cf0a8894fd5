import { createHash } from "node:crypto";
import { validateHeaderName, validateHeaderValue } from "node:http";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Digest } from "../../core/ports.ts";
import type { CallRecord } from "../../core/records.ts";
import { sampleAttempt, sampleRecord, sampleUsage } from "../../storage/contract-samples.ts";
import { anyRecord } from "../../testkit/any-record.ts";
import { tracesSchema } from "../../testkit/otlp-schema.ts";
import { parseCollectorHeaders } from "./headers.ts";
import { isSampled } from "./sampling.ts";
import { createSpanQueue } from "./span-queue.ts";
import { toSpans, type SpanMaker } from "./spans.ts";
import type { OtlpSpan } from "./types.ts";

const digest: Digest = { sha256: (text) => createHash("sha256").update(text).digest("hex") };
const maker: SpanMaker = { digest, serverOf: () => ({ address: "generativelanguage.googleapis.com", port: 443 }) };

function attributesOf(span: OtlpSpan | undefined): Record<string, unknown> {
  return Object.fromEntries(
    (span?.attributes ?? []).map(({ key, value }) => [key, Object.values(value)[0] as unknown]),
  );
}

function spansOf(record: CallRecord, costNanoUsd: number | null = null): OtlpSpan[] {
  return toSpans(maker, { record, costNanoUsd });
}

describe("toSpans", () => {
  it("keeps OTLP's rules, whatever the record", () => {
    fc.assert(
      fc.property(anyRecord(fc.string({ maxLength: 20 })), fc.option(fc.nat()), (record, costNanoUsd) => {
        const spans = spansOf({ ...record, startedAt: record.startedAt + 1 }, costNanoUsd);
        const body = {
          resourceSpans: [
            { resource: { attributes: [] }, scopeSpans: [{ scope: { name: "a", version: "1" }, spans }] },
          ],
        };
        const sent = JSON.parse(JSON.stringify(body)) as unknown;
        expect(tracesSchema.safeParse(sent).error).toBeUndefined();
        expect(new Set(spans.map(({ spanId }) => spanId)).size).toBe(1 + record.attempts.length);
        expect(spans.slice(1).every(({ parentSpanId }) => parentSpanId === spans[0]?.spanId)).toBe(true);
      }),
      { numRuns: 60 },
    );
  });

  it("tells a generation in the words of the conventions", () => {
    const [call] = spansOf(sampleRecord(0, { stream: true, operation: "stream-generate" }), 2_500_000);
    expect(call).toMatchObject({ name: "generate_content gemini-3.8-flash", kind: 2, status: { code: 0 } });
    expect(attributesOf(call)).toMatchObject({
      "gen_ai.operation.name": "generate_content",
      "gen_ai.provider.name": "gcp.gemini",
      "gen_ai.request.model": "gemini-3.8-flash",
      "gen_ai.response.model": "gemini-3.8-flash",
      "gen_ai.usage.input_tokens": "1205",
      "gen_ai.usage.output_tokens": "850",
      "gen_ai.usage.cache_read.input_tokens": "200",
      "gen_ai.usage.reasoning.output_tokens": "700",
      "gen_ai.response.finish_reasons": { values: [{ stringValue: "STOP" }] },
      "gen_ai.response.time_to_first_chunk": 0.812345,
      "http.response.status_code": "200",
      "gemini_proxy.call.cost_usd": 0.0025,
    });
  });

  it("tells each attempt below it, with tokens on the call alone", () => {
    const failed = sampleAttempt({ status: 429, rule: "quota.day", fault: "project", words: "quota exceeded" });
    const spans = spansOf(sampleRecord(0, { attempts: [failed, sampleAttempt({ number: 2, offsetMicros: 900_000 })] }));
    expect(spans).toHaveLength(3);
    expect(spans[1]).toMatchObject({
      name: "attempt 1",
      kind: 3,
      parentSpanId: spans[0]?.spanId,
      traceId: spans[0]?.traceId,
      status: { code: 2, message: "quota exceeded" },
    });
    expect(attributesOf(spans[1])).toMatchObject({
      "error.type": "quota.day",
      "gemini_proxy.attempt.fault": "project",
      "gemini_proxy.credential.id": "cred_1",
      "gemini_proxy.project.id": "project-1",
      "server.address": "generativelanguage.googleapis.com",
      "server.port": "443",
    });
    const started = BigInt(spans[0]?.startTimeUnixNano ?? 0);
    expect(BigInt(spans[2]?.startTimeUnixNano ?? 0) - started).toBe(900_000_000n);
    expect(
      spans
        .slice(1)
        .flatMap((span) => Object.keys(attributesOf(span)))
        .join(),
    ).not.toContain("gen_ai.usage");
  });

  it("has a trace id that follows from the request id", () => {
    const [call] = spansOf(sampleRecord(0));
    expect(call?.traceId).toBe(digest.sha256(sampleRecord(0).id).slice(0, 32));
  });

  it("marks as failed what a client could not have avoided, and names the error of all", () => {
    const outcomes = [
      [{ status: 500, outcome: "error", errorCode: "internal" }, 2, "internal"],
      [{ status: 429, outcome: "error" }, 2, "429"],
      [{ status: 400, outcome: "error" }, 0, "400"],
      [{ status: 200, outcome: "incomplete" }, 2, "incomplete"],
      [{ status: 499, outcome: "cancelled", errorCode: "client_gone" }, 0, "client_gone"],
      [{ status: 200, outcome: "ok" }, 0, undefined],
    ] as const;
    for (const [change, code, type] of outcomes) {
      const [call] = spansOf(sampleRecord(0, change));
      expect([call?.status.code, attributesOf(call)["error.type"]]).toEqual([code, type]);
    }
  });

  it("holds no secret that a client or an upstream wrote", () => {
    const secret = `AIza${"c".repeat(35)}`;
    const attempt = sampleAttempt({
      fault: "credential",
      rule: "key.invalid",
      words: `key ${secret}`,
      modelServed: secret,
    });
    const spans = spansOf(
      sampleRecord(0, { modelAsked: secret, modelServed: secret, attempts: [attempt], usage: sampleUsage() }),
    );
    expect(JSON.stringify(spans)).not.toContain(secret);
  });

  it("calls nothing a GenAI operation that is none", () => {
    const [call] = spansOf(sampleRecord(0, { operation: "count-tokens" }));
    expect(call?.name).toBe("count_tokens gemini-3.8-flash");
    expect(Object.keys(attributesOf(call)).join()).not.toContain("gen_ai");
  });
});

describe("isSampled", () => {
  it("takes about the share, the same calls each time, and more calls with a greater share", () => {
    const ids = Array.from({ length: 20_000 }, (_, index) => sampleRecord(index).id);
    const tenth = ids.filter((id) => isSampled(id, 0.1));
    expect(tenth.length).toBeGreaterThan(1_700);
    expect(tenth.length).toBeLessThan(2_300);
    expect(tenth.every((id) => isSampled(id, 0.1) && isSampled(id, 0.5))).toBe(true);
    expect(ids.filter((id) => isSampled(id, 0))).toHaveLength(0);
    expect(ids.filter((id) => isSampled(id, 1))).toHaveLength(ids.length);
  });
});

describe("createSpanQueue", () => {
  it("is bounded by spans and gives whole calls back in order", () => {
    const queue = createSpanQueue(10);
    const call = (id: string, attempts: number) => ({
      record: sampleRecord(0, { id, attempts: Array.from({ length: attempts }, () => sampleAttempt()) }),
      costNanoUsd: null,
    });
    expect([queue.push(call("a", 2)), queue.push(call("b", 4)), queue.push(call("c", 2))]).toEqual([true, true, false]);
    expect(queue.push(call("d", 1))).toBe(true);
    expect(queue.spans()).toBe(10);
    expect(queue.take(8).map(({ record }) => record.id)).toEqual(["a", "b"]);
    expect(queue.take(1).map(({ record }) => record.id)).toEqual(["d"]);
    expect([queue.spans(), queue.take(1)]).toEqual([0, []]);
  });
});

describe("parseCollectorHeaders", () => {
  it("reads pairs, decodes values, and names the places of what it cannot use, never the text", () => {
    expect(
      parseCollectorHeaders(
        "Authorization=Basic%20abc%3D, x-scope = team a ,broken,bad name=1,x=a%0d%0ab,content-type=text/xml,",
      ),
    ).toEqual({ headers: { authorization: "Basic abc=", "x-scope": "team a" }, unusable: [3, 4, 5, 6] });
    expect(parseCollectorHeaders(null)).toEqual({ headers: {}, unusable: [] });
    expect(parseCollectorHeaders("a=100%")).toEqual({ headers: { a: "100%" }, unusable: [] });
  });

  it("never gives a header that HTTP would not take, whatever the text", () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(..."aZ-9=,% \r\n\0é0D:") }), (text) => {
        for (const [name, value] of Object.entries(parseCollectorHeaders(text).headers)) {
          expect(() => {
            validateHeaderName(name);
            validateHeaderValue(name, value);
          }).not.toThrow();
        }
      }),
    );
  });
});
