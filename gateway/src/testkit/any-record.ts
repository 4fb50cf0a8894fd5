/**
 * Arbitrary records for property tests.
 * @module
 */
import fc from "fast-check";
import type { AttemptRecord, CallRecord } from "../core/records.ts";
import type { Usage } from "../core/usage.ts";

const count = fc.nat({ max: 2_000_000_000 });

/**
 * Any record that the call could hand in, and many that it would not.
 * @param text what stands in free texts
 */
export function anyRecord(text: fc.Arbitrary<string>): fc.Arbitrary<CallRecord> {
  const maybe = <Value>(value: fc.Arbitrary<Value>): fc.Arbitrary<Value | null> => fc.option(value, { freq: 2 });
  const usage = anyUsage(text);
  const shared = fc.boolean();
  return fc
    .record<CallRecord>({
      id: fc.stringMatching(/^[0-9a-z]{20}$/),
      startedAt: fc.nat({ max: 4_000_000_000_000 }),
      clientId: maybe(text),
      dialect: fc.constantFrom("gemini", "openai-chat"),
      backend: maybe(fc.constantFrom("gemini-api", "gemini-openai")),
      operation: text,
      method: text,
      path: text,
      modelAsked: maybe(text),
      modelServed: maybe(text),
      stream: fc.boolean(),
      status: fc.nat({ max: 599 }),
      outcome: fc.constantFrom("ok", "error", "refused", "incomplete", "cancelled", "interrupted"),
      errorCode: maybe(text),
      finishReason: maybe(text),
      usage: maybe(usage),
      firstByteMicros: maybe(count),
      totalMicros: count,
      overheadMicros: count,
      requestBytes: count,
      responseBytes: count,
      attempts: fc.constant([]),
    })
    .chain((record) =>
      fc
        .tuple(fc.array(anyAttempt(text, usage), { maxLength: 3 }), shared, shared)
        .map(([attempts, likeCall, sharesUsage]) => ({
          ...record,
          attempts: attempts.map((attempt, index): AttemptRecord => {
            const numbered = { ...attempt, number: index + 1, ...(sharesUsage ? { usage: record.usage } : {}) };
            // Often the shape of a call that went well, which is stored in its own way.
            return likeCall
              ? {
                  ...numbered,
                  ...plain,
                  status: record.status,
                  finishReason: record.finishReason,
                  modelServed: record.modelServed,
                }
              : numbered;
          }),
        })),
    );
}

// --- helpers ---

const plain = { rule: "ok", fault: "none", words: null } as const;

function anyAttempt(text: fc.Arbitrary<string>, usage: fc.Arbitrary<Usage>): fc.Arbitrary<AttemptRecord> {
  return fc.record({
    number: fc.constant(1),
    credentialId: text,
    projectId: text,
    offsetMicros: count,
    durationMicros: count,
    firstByteMicros: fc.option(count),
    status: fc.option(fc.nat({ max: 599 })),
    rule: text,
    fault: fc.constantFrom(
      "none",
      "client",
      "credential",
      "project",
      "model",
      "egress",
      "upstream",
      "network",
      "gateway",
    ),
    words: fc.option(text),
    finishReason: fc.option(text),
    modelServed: fc.option(text),
    usage: fc.option(usage),
  });
}

function anyUsage(text: fc.Arbitrary<string>): fc.Arbitrary<Usage> {
  // Not any text: V8's JSON.parse (Node 24) mistakes a key that is one escape, such as "\t", for a backslash.
  const name = fc.oneof(
    fc.constantFrom("TEXT", "IMAGE", "AUDIO", "VIDEO", "DOCUMENT"),
    fc.stringMatching(/^[\w .-]{1,8}$/),
  );
  const counts = fc.dictionary(name, count, { maxKeys: 3, noNullPrototype: true });
  return fc.record({
    promptTokens: count,
    cachedTokens: count,
    outputTokens: count,
    thoughtsTokens: count,
    toolUseTokens: count,
    totalTokens: count,
    modalities: fc.option(
      fc.record({ prompt: counts, cached: counts, output: counts }, { requiredKeys: [], noNullPrototype: true }),
    ),
    serviceTier: fc.option(text),
  });
}
