/**
 * Many calls over a pool in a bad state: no client sees it, and three books agree to the token.
 * @module
 */
import { Agent, request as httpRequest } from "node:http";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startEmulator, type Emulator } from "../emulator/src/emulator.ts";
import { clientKey, startGateway, type GatewayUnderTest, type LedgerCall } from "./support/targets.ts";
import { until } from "./support/until.ts";

const model = "gemini-3.8-flash";
const key = (name: string): string => `AIzaSyLoadTestKey-${name.padStart(22, "0")}`;
const total = 1_000;
const concurrency = 64;

describe.each(["node24", "bun"] as const)(
  "1,000 calls at concurrency 64 over 5 keys of which 3 are bad, on %s",
  (target) => {
    let emulator: Emulator;
    let gateway: GatewayUnderTest;
    const answers: Answer[] = [];

    beforeAll(async () => {
      emulator = await startEmulator({
        projects: [
          { id: "projects/1", keys: [{ key: key("good-one") }], tier: "unlimited" },
          { id: "projects/2", keys: [{ key: key("good-two") }], tier: "unlimited" },
          {
            id: "projects/3",
            keys: [{ key: key("exhausted") }],
            tier: "free",
            quotas: { "*": { requestsPerDay: 20, requestsPerMinute: null } },
          },
          { id: "projects/4", keys: [{ key: key("invalid"), state: "invalid" }] },
          { id: "projects/5", keys: [{ key: key("slow") }], tier: "unlimited", firstByteDelayMs: 300 },
        ],
      });
      gateway = await startGateway(target, {
        environment: {
          GEMINI_API_KEYS: ["good-one", "good-two", "exhausted", "invalid", "slow"].map(key).join(","),
          GOOGLE_GEMINI_API_BASE_URL: emulator.url,
        },
      });
      const agent = new Agent({ keepAlive: true, maxSockets: concurrency });
      let next = 0;
      const worker = async (): Promise<void> => {
        while (next < total) {
          const index = next++;
          answers.push(await oneCall(gateway.url, agent, index));
        }
      };
      await Promise.all(Array.from({ length: concurrency }, worker));
      agent.destroy();
    }, 120_000);

    afterAll(async () => {
      await gateway?.stop();
      await emulator?.close();
    });

    it("no client sees an error", () => {
      expect(answers).toHaveLength(total);
      expect(answers.filter((answer) => answer.status !== 200)).toEqual([]);
      expect(answers.filter((answer) => answer.finishReason !== "STOP")).toEqual([]);
    });

    it("ledger, upstream and clients agree exactly: calls, attempts, every kind of token", async () => {
      const calls = await allCalls(gateway);
      const record = emulator.record();
      expect(new Set(calls.map((call) => call.id))).toEqual(new Set(answers.map((answer) => answer.id)));
      expect(calls.every((call) => call.outcome === "ok")).toBe(true);

      const attempts = calls.flatMap((call) => call.attempts);
      expect(attempts.length).toBe(record.length);
      expect(countBy(attempts.map((attempt) => String(attempt.status)))).toEqual(
        countBy(record.map((one) => String(one.status))),
      );

      const sum = (values: (number | undefined)[]): number =>
        values.reduce<number>((total, value) => total + (value ?? 0), 0);
      expect(sum(calls.map((call) => call.usage?.["totalTokens"]))).toBe(sum(record.map((one) => one.usage?.total)));
      expect(sum(calls.map((call) => call.usage?.["promptTokens"]))).toBe(sum(record.map((one) => one.usage?.prompt)));
      expect(sum(calls.map((call) => call.usage?.["outputTokens"]))).toBe(
        sum(record.map((one) => one.usage?.candidates)),
      );
      expect(sum(calls.map((call) => call.usage?.["thoughtsTokens"]))).toBe(
        sum(record.map((one) => one.usage?.thoughts)),
      );
      expect(sum(answers.map((answer) => answer.totalTokens))).toBe(sum(record.map((one) => one.usage?.total)));

      const stats = await gateway.stats();
      expect(stats.calls).toBe(total);
      expect(stats.attempts).toBe(record.length);
      expect(stats.tokens["total"]).toBe(sum(record.map((one) => one.usage?.total)));
    });

    it("the invalid key is out after its first refusals, the exhausted one rests until midnight Pacific", async () => {
      const refused = emulator.record().filter((one) => one.key === key("invalid"));
      // Calls that were in flight together may each find out; nobody asks again afterwards.
      expect(refused.length).toBeLessThanOrEqual(concurrency);
      const status = (await gateway.admin("status")) as { credentials: View[] };
      const states = Object.fromEntries(status.credentials.map((one) => [one.name, one]));
      const views = Object.values(states);
      expect(views.filter((one) => one.state === "disabled")).toHaveLength(1);
      const resting = views.filter((one) => one.cooldowns.some((cooldown) => cooldown.cause === "day-quota"));
      expect(resting).toHaveLength(1);
    });
  },
);

interface View {
  name: string;
  state: string;
  cooldowns: { cause: string; untilMs: number }[];
}

interface Answer {
  id: string;
  status: number;
  finishReason: string | undefined;
  totalTokens: number;
}

function oneCall(base: string, agent: Agent, index: number): Promise<Answer> {
  const stream = index % 2 === 0;
  const path = `/v1beta/models/${model}:${stream ? "streamGenerateContent?alt=sse" : "generateContent"}`;
  const body = JSON.stringify({ contents: [{ role: "user", parts: [{ text: `Question ${index}` }] }] });
  return new Promise((resolve, reject) => {
    const request = httpRequest(base + path, {
      method: "POST",
      agent,
      headers: {
        "x-goog-api-key": clientKey,
        "content-type": "application/json",
        "content-length": Buffer.byteLength(body),
      },
    });
    request.on("error", reject);
    request.on("response", (response) => {
      const chunks: Buffer[] = [];
      response.on("error", reject);
      response.on("data", (chunk: Buffer) => chunks.push(chunk));
      response.on("end", () => {
        const text = Buffer.concat(chunks).toString();
        const last = response.statusCode === 200 ? lastMessage(text, stream) : {};
        resolve({
          id: String(response.headers["x-gproxy-request-id"]),
          status: response.statusCode ?? 0,
          finishReason: last.candidates?.[0]?.finishReason,
          totalTokens: last.usageMetadata?.totalTokenCount ?? 0,
        });
      });
    });
    request.end(body);
  });
}

interface Message {
  candidates?: { finishReason?: string }[];
  usageMetadata?: { totalTokenCount?: number };
}

function lastMessage(text: string, stream: boolean): Message {
  if (!stream) return JSON.parse(text) as Message;
  const events = text.split("\r\n\r\n").filter((event) => event.startsWith("data: "));
  return JSON.parse((events.at(-1) as string).slice(6)) as Message;
}

async function allCalls(gateway: GatewayUnderTest): Promise<LedgerCall[]> {
  return until(async () => {
    const calls = await gateway.calls("limit=1000");
    return calls.length >= total ? calls : undefined;
  }, "all calls in the ledger");
}

function countBy(values: readonly string[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const value of values) counts[value] = (counts[value] ?? 0) + 1;
  return counts;
}
