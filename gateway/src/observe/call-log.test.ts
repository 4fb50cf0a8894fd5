import { describe, expect, it } from "vitest";
import { createLogger } from "../hosts/node/logger.ts";
import { sampleAttempt, sampleRecord } from "../storage/contract-samples.ts";
import { createKeptLogger } from "../testkit/simulated.ts";
import { logCall } from "./call-log.ts";

describe("logCall", () => {
  it("writes one line with what happened, and neither path nor words of anyone", () => {
    const logger = createKeptLogger();
    const failed = sampleAttempt({ status: 503, rule: "upstream.overload", fault: "upstream", words: "told words" });
    logCall(logger, sampleRecord(0, { attempts: [failed, sampleAttempt()], path: "/v1beta/files/x" }), 2_500_000);
    expect(logger.lines).toEqual([
      {
        level: "info",
        event: "call",
        fields: {
          id: sampleRecord(0).id,
          client: "client_1",
          dialect: "gemini",
          operation: "generate",
          model: "gemini-3.8-flash",
          served: "gemini-3.8-flash",
          stream: false,
          status: 200,
          outcome: "ok",
          code: null,
          rule: "ok",
          finish: "STOP",
          credential: "cred_1",
          attempts: 2,
          ms: 823.456,
          firstByteMs: 812.345,
          overheadMs: 0.097,
          tokens: { prompt: 1_200, cached: 200, output: 150, thoughts: 700, toolUse: 5 },
          costUsd: 0.0025,
        },
      },
    ]);
  });

  it("says null where nothing is known", () => {
    const logger = createKeptLogger();
    logCall(logger, sampleRecord(0, { usage: null, attempts: [], firstByteMicros: null }), null);
    expect(logger.lines[0]?.fields).toMatchObject({ rule: null, tokens: null, costUsd: null, firstByteMs: null });
  });

  it("stays one line of JSON without secrets, whatever a client calls its model", () => {
    const lines: string[] = [];
    const secret = `AIza${"b".repeat(35)}`;
    const model = `x"\n{"level":"error"}${secret}`;
    logCall(
      createLogger({ level: "info", write: (line) => void lines.push(line) }),
      sampleRecord(0, { modelAsked: model }),
      0,
    );
    expect(lines).toHaveLength(1);
    expect(lines[0]).not.toContain(secret);
    expect(lines[0]?.indexOf("\n")).toBe((lines[0]?.length ?? 0) - 1);
    expect(JSON.parse(lines[0] ?? "")).toMatchObject({ level: "info", event: "call" });
  });
});
