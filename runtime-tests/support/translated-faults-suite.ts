/**
 * What clients of the translated dialects see when Google fails: nothing where it can be helped, else an error in their own
 * words; never a false end.
 * @module
 */
import { request as httpRequest } from "node:http";
import { describe, expect, it } from "vitest";
import { clientKey } from "./targets.ts";
import { at, translatedDialects, type Json } from "./translated-dialects.ts";
import { expectAnswer, model, scarceModel, type Answered, type TranslatedWorld } from "./translated-world.ts";

/** What the dialects call the same thing, and fields of theirs that Gemini has nothing for. */
const words = {
  anthropic: {
    empty: 529,
    impossible: { messages: [{ role: "user", content: [{ type: "image", source: { type: "carrier-pigeon" } }] }] },
    names: "source.type",
  },
  "openai-responses": { empty: 503, impossible: { background: true }, names: "background" },
  "openai-chat": { empty: 503, impossible: { n: 2 }, names: "n" },
};

/** @param world gives what was started, when the tests run */
export function describeTranslatedFaults(world: () => TranslatedWorld): void {
  describe.each(translatedDialects)("$name", (dialect) => {
    const ask = (more: Json = {}): Promise<Answered> =>
      world().ask(dialect, dialect.request([dialect.user("Tell me about Wyoming")], more));

    it.each(["empty", "reset before the head", "in-stream error before content", "503"])(
      "hides, streamed: %s",
      async (name) => {
        const actions = {
          empty: { empty: "no-parts" as const },
          "reset before the head": { reset: {} },
          "in-stream error before content": { streamError: { afterChunks: 0, shape: "event" as const } },
          "503": { error: "overloaded" as const },
        };
        world().emulator.fault({ do: actions[name as keyof typeof actions] });
        const answer = await ask({ stream: true });
        expectAnswer(answer, { said: { isWhole: true, error: null } });
        expect(answer.said.text).toContain("Wyoming");
        expect((await world().row(answer)).attempts).toHaveLength(2);
      },
    );

    it("hides an empty unary answer; one that stays empty is an error that clients repeat", async () => {
      world().emulator.fault({ do: { empty: "no-parts" } });
      expect((await ask()).said).toMatchObject({ isWhole: true });
      world().emulator.fault({ match: { count: "all" }, do: { empty: "no-parts" } });
      const refused = await ask();
      expectAnswer(refused, { status: words[dialect.name].empty });
      expect((await world().row(refused)).errorCode).toBe("answer_unusable");
    });

    it.each([
      ["cut", { cut: { afterBytes: 1_500 } }],
      ["reset", { reset: { afterBytes: 1_500 } }],
      ["silent", { stall: { afterChunks: 3 } }],
      ["told of an error", { streamError: { afterChunks: 3, shape: "event" as const } }],
      ["at its end without a reason", { empty: "no-finish" as const }],
    ])("a stream that is %s ends in an error event, never in a false end", async (_name, action) => {
      world().emulator.fault({ do: action });
      const answer = await ask({ stream: true });
      expectAnswer(answer, { status: 200, said: { isWhole: false, error: expect.any(String) as string } });
      const row = await world().row(answer);
      expect(row.outcome).toBe("incomplete");
      expect(row.attempts).toHaveLength(1);
    });

    it("a pool that is exhausted says so, and when to come back", async () => {
      // Each key has one call left today; whoever is first takes them.
      let answer = await ask({ model: scarceModel });
      for (let more = 0; more < 2 && answer.status === 200; more += 1) answer = await ask({ model: scarceModel });
      expectAnswer(answer, { status: 429 });
      expect(Number(answer.headers.get("retry-after"))).toBeGreaterThan(0);
      expect(dialect.readError(JSON.parse(answer.body) as Json).type).toBe("rate_limit_error");
      expect(await world().row(answer)).toMatchObject({
        dialect: dialect.name,
        errorCode: "credentials_exhausted",
        usage: null,
      });
    });

    it("a field that cannot be is a 400 that names it, and nothing goes up", async () => {
      const before = world().emulator.totals().requests;
      const answer = await ask(words[dialect.name].impossible);
      expectAnswer(answer, { status: 400 });
      const error = at(JSON.parse(answer.body), "error");
      // Anthropic's errors have no place for it but their words.
      expect(at(error, "param") ?? at(error, "message")).toContain(words[dialect.name].names);
      expect(answer.said.error).toBe("invalid_request_error");
      expect(world().emulator.totals().requests).toBe(before);
    });

    it("an unknown model, a missing key and a body that is no JSON are told in the dialect's words", async () => {
      expect(await ask({ model: "gemini-0-none" })).toMatchObject({ status: 404 });
      const send = async (body: string, headers: Record<string, string>): Promise<[number, Json]> => {
        const init = { method: "POST", headers: { "content-type": "application/json", ...headers }, body };
        const response = await fetch(`${world().gateway.url}${dialect.path}`, init);
        return [response.status, (await response.json()) as Json];
      };
      const [keyless, error] = await send("{}", {});
      expect(keyless).toBe(401);
      expect(dialect.readError(error).type).toBe("authentication_error");
      const [malformed, told] = await send('{"model": ', { authorization: `Bearer ${clientKey}` });
      expect(malformed).toBe(400);
      expect(dialect.readError(told).type).toBe("invalid_request_error");
    });

    it("a prompt that Google blocks is a 400, streamed too", async () => {
      world().emulator.script({ blockReason: "PROHIBITED_CONTENT" });
      const answer = await ask({ stream: true });
      expectAnswer(answer, { status: 400 });
      expect(answer.body).toContain("PROHIBITED_CONTENT");
      expect((await world().row(answer)).errorCode).toBe("prompt_blocked");
    });
  });

  it("a client that leaves is noticed upstream", async () => {
    const before = world().emulator.record().length;
    world().emulator.fault({ do: { drip: { bytes: 64, everyMs: 50 } } });
    const abort = new AbortController();
    const body = JSON.stringify({ model, stream: true, max_tokens: 100, messages: [{ role: "user", content: "Hi" }] });
    const headers = { authorization: `Bearer ${clientKey}`, "content-type": "application/json" };
    const init = { method: "POST", headers, body, signal: abort.signal };
    const response = await fetch(`${world().gateway.url}/v1/messages`, init);
    await (response.body as ReadableStream<Uint8Array>).getReader().read();
    abort.abort();
    const row = await world().row(response);
    expect(row).toMatchObject({ outcome: "cancelled" });
    await expect.poll(() => at(world().emulator.record()[before], "outcome")).toBe("client-gone");
  });

  it("an upgrade of /v1/responses is a 426, after which Codex goes on over HTTP", async () => {
    const status = await new Promise<number | undefined>((resolve, reject) => {
      const headers = {
        authorization: `Bearer ${clientKey}`,
        connection: "upgrade",
        upgrade: "websocket",
        "sec-websocket-version": "13",
        "sec-websocket-key": "AAAAAAAAAAAAAAAAAAAAAA==",
      };
      const request = httpRequest(`${world().gateway.url}/v1/responses`, { headers });
      request.on("response", (response) => {
        response.resume();
        resolve(response.statusCode);
      });
      request.on("upgrade", () => reject(new Error("it was upgraded")));
      request.on("error", reject);
      request.end();
    });
    expect(status).toBe(426);
  });
}
