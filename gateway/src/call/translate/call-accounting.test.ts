import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { portableBytes } from "../../core/portable-bytes.ts";
import {
  answer,
  createWorld,
  keyOf,
  otherClient,
  otherKey,
  type CallWorld,
  type SimulatedHost,
} from "../../testkit/call-world.ts";
import { createSimulatedKeptFiles, fileUri } from "../../testkit/kept-files.ts";
import type { Call } from "../call.ts";
import type { CapturePort } from "../capture/types.ts";

const bytes = portableBytes;
const bearer = ["authorization", `Bearer ${otherKey}`];
const paths = ["/v1/messages", "/v1/responses", "/v1/chat/completions"] as const;
const ask = { model: "m", max_tokens: 100, input: "hi", messages: [{ role: "user", content: "hi" }] };
const event = (value: object): string => `data: ${JSON.stringify(value)}\r\n\r\n`;
const translating = { OPENAI_CHAT: "translate" };

interface Started {
  host: SimulatedHost;
  call: Call;
}

function post(world: CallWorld, path: string, body: object = ask): Started {
  return world.start(path, bearer, { body: JSON.stringify(body) });
}

function chunk(parts: object[], more: object = {}, usage: object = { promptTokenCount: 7 }): object {
  return { candidates: [{ content: { role: "model", parts }, ...more }], usageMetadata: usage };
}

function stream(call: Call, attempt: number, values: readonly object[]): void {
  call.upstreamHead(attempt, 200, ["content-type", "text/event-stream"]);
  for (const value of values) call.upstreamData(attempt, bytes.encode(event(value)));
  call.upstreamEnd(attempt);
}

/** Input, cached and output tokens as an answer tells them. */
function toldBy(path: string, body: string, isStream: boolean): { input: number; cached: number; output: number } {
  const values = isStream
    ? [...body.matchAll(/^data: (\{.*)$/gm)].map((match) => JSON.parse(match[1] as string) as Record<string, unknown>)
    : [JSON.parse(body) as Record<string, unknown>];
  const last = values.findLast((value) => "usage" in value || "response" in value) as Record<string, unknown>;
  const usage = (last["usage"] ?? (last["response"] as Record<string, unknown>)["usage"]) as Record<string, number>;
  const details = usage as unknown as Record<string, Record<string, number>>;
  switch (path) {
    case "/v1/messages": {
      const cached = usage["cache_read_input_tokens"] as number;
      return { input: (usage["input_tokens"] as number) + cached, cached, output: usage["output_tokens"] as number };
    }
    case "/v1/responses": {
      const cached = details["input_tokens_details"]?.["cached_tokens"] as number;
      return { input: usage["input_tokens"] as number, cached, output: usage["output_tokens"] as number };
    }
    default: {
      const cached = details["prompt_tokens_details"]?.["cached_tokens"] as number;
      return { input: usage["prompt_tokens"] as number, cached, output: usage["completion_tokens"] as number };
    }
  }
}

const tokens = fc.nat(1_000_000);
const googleUsage = fc
  .record({
    prompt: tokens,
    cachedShare: fc.double({ min: 0, max: 1, noNaN: true }),
    output: tokens,
    thoughts: tokens,
    tool: tokens,
  })
  .map(({ prompt, cachedShare, output, thoughts, tool }) => ({
    promptTokenCount: prompt,
    cachedContentTokenCount: Math.floor(prompt * cachedShare),
    candidatesTokenCount: output,
    thoughtsTokenCount: thoughts,
    toolUsePromptTokenCount: tool,
    totalTokenCount: prompt + output + thoughts + tool,
  }));

describe("tokens", () => {
  it("that a client is told are those of the ledger, whoever serves it (property)", () => {
    fc.assert(
      fc.property(
        googleUsage,
        fc.constantFrom(...paths),
        fc.boolean(),
        fc.boolean(),
        (usage, path, isStream, isAccount) => {
          const world = createWorld({
            settings: translating,
            clients: [otherClient],
            change: () => (isAccount ? { kind: "code-assist" } : {}),
          });
          const { host, call } = post(world, path, {
            ...ask,
            stream: isStream,
            stream_options: { include_usage: true },
          });
          const wrapped = (value: object): object => (isAccount ? { response: value, traceId: "t" } : value);
          const last = wrapped(chunk([{ text: "Hello" }], { finishReason: "STOP" }, usage));
          if (isStream) stream(call, 1, [wrapped(chunk([{ text: "a" }])), last]);
          else answer(call, 1, 200, JSON.stringify(last));
          const record = world.settled[0]?.usage;
          const { input, cached, output } = toldBy(path, host.body, isStream);
          expect({ input, cached, output }).toEqual({
            input: (record?.promptTokens ?? 0) + (record?.toolUseTokens ?? 0),
            cached: record?.cachedTokens,
            output: (record?.outputTokens ?? 0) + (record?.thoughtsTokens ?? 0),
          });
          expect(world.settled[0]?.attempts[0]?.usage).toEqual(record);
          expect(record?.totalTokens).toBe(usage.totalTokenCount);
        },
      ),
      { numRuns: 150 },
    );
  });

  it("of a part of a long answer that was asked for twice are told once, and billed as often as Google counted them", () => {
    const world = createWorld({ settings: translating, clients: [otherClient] });
    const { host, call } = post(world, "/v1/messages", { ...ask, stream: true });
    const next = { finishReason: "CONTINUATION", continuationToken: "t" };
    const usage = (output: number): object => ({ promptTokenCount: 10, candidatesTokenCount: output });
    stream(call, 1, [chunk([{ text: "one" }], next, usage(5))]);
    // Cut before anything was said.
    stream(call, 2, [{ usageMetadata: usage(4) }]);
    host.timers = host.timers.toSorted((one, other) => one.ms - other.ms);
    host.fire();
    if (host.sent.length === 3) stream(call, 3, [chunk([{ text: "two" }], { finishReason: "STOP" }, usage(6))]);
    expect(toldBy("/v1/messages", host.body, true)).toEqual({ input: 10, cached: 0, output: 11 });
    expect(world.settled[0]?.usage).toMatchObject({ promptTokens: 30, outputTokens: 15 });
  });

  it("that were reserved for a client's limit become those that were used", () => {
    const limits = { tokensPerMinute: 10_000, requestsPerDay: 100, budgets: { day: 100 } };
    for (const path of paths) {
      const world = createWorld({ settings: translating, clients: [{ ...otherClient, limits }] });
      const { host, call } = post(world, path);
      answer(
        call,
        1,
        200,
        JSON.stringify(
          chunk([{ text: "a" }], { finishReason: "STOP" }, { promptTokenCount: 4_000, totalTokenCount: 9_000 }),
        ),
      );
      expect(host.status).toBe(200);
      const second = post(world, path, { ...ask, max_tokens: 5_000 });
      expect(second.host.status).toBe(429);
      expect(second.host.body).toMatch(/rate_limit/);
      expect(Number(second.host.header("retry-after"))).toBeGreaterThan(0);
    }
  });
});

describe("a captured call", () => {
  it.each(paths)("%s is kept as its client sent it and got it", (path) => {
    const world = createWorld({ settings: translating, clients: [otherClient] });
    const kept: { target?: string; asked?: string; got: string; status?: number; outcome?: string } = { got: "" };
    const port: CapturePort = {
      open({ target }) {
        kept.target = target;
        return {
          request: (body) => void (kept.asked = body === "pass" ? "" : bytes.decode(bytes.concat(body.chunks))),
          head: (status) => void (kept.status = status),
          data: (piece) => void (kept.got += bytes.decode(piece)),
          end: ({ outcome }) => void (kept.outcome = outcome),
        };
      },
    };
    world.environment.capture = port;
    const { host, call } = post(world, path, { ...ask, stream: true });
    stream(call, 1, [chunk([{ text: "a" }]), chunk([{ text: "b" }], { finishReason: "STOP" })]);
    expect(kept.target).toMatch(/messages$|responses$|chat\/completions$/);
    expect(kept).toMatchObject({
      asked: JSON.stringify({ ...ask, stream: true }),
      got: host.body,
      status: 200,
      outcome: "ok",
    });
  });
});

describe("kept files of a translated call", () => {
  it.each(paths)("%s: are brought to another project when their own is exhausted", (path) => {
    const parts = {
      "/v1/messages": {
        messages: [{ role: "user", content: [{ type: "image", source: { type: "url", url: fileUri("files/a") } }] }],
      },
      "/v1/responses": { input: [{ role: "user", content: [{ type: "input_image", image_url: fileUri("files/a") }] }] },
      "/v1/chat/completions": {
        messages: [{ role: "user", content: [{ type: "image_url", image_url: { url: fileUri("files/a") } }] }],
      },
    }[path];
    const world = createWorld({ settings: translating, credentials: 3, clients: [otherClient] });
    const kept = createSimulatedKeptFiles();
    world.environment.keptFiles = kept;
    const binding = { name: "files/a", kind: "file", credentialId: "cred_0", projectId: "" } as const;
    world.affinity.bind(
      [{ ...binding, clientId: "client_2", createdAt: 0, expiresAt: null, detail: null }],
      world.clock.now(),
    );
    kept.put({ name: "files/a", clientId: "client_2", credentialId: "cred_0" });
    const { host, call } = post(world, path, { ...ask, ...parts });
    expect(keyOf(host)).toBe("secret-of-credential-0");
    const violations = [
      { quotaId: "GenerateRequestsPerDayPerProjectPerModel-FreeTier", quotaDimensions: { model: "m" } },
    ];
    const details = [{ "@type": "type.googleapis.com/google.rpc.QuotaFailure", violations }];
    const refused = { error: { code: 429, message: "Quota exceeded", status: "RESOURCE_EXHAUSTED", details } };
    answer(call, 1, 429, JSON.stringify(refused));
    kept.uploads[0]?.succeed("files/a2");
    expect(keyOf(host, 2)).not.toBe("secret-of-credential-0");
    const body = host.sent[1]?.body;
    expect(body == null || body === "pass" ? "" : bytes.decode(bytes.concat(body.chunks))).toContain(
      fileUri("files/a2"),
    );
    answer(call, 2, 200, JSON.stringify(chunk([{ text: "ok" }], { finishReason: "STOP" })));
    expect({ status: host.status, copies: host.header("x-gproxy-reuploaded") }).toEqual({ status: 200, copies: "1" });
  });
});
