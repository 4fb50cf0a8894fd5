/**
 * An account beside a key: each stands in for the other by tier, and comes back.
 * @module
 */
import { describe, expect, it } from "vitest";
import { email, geminiKey, model, scarceModel, type AccountWorld } from "./account-world.ts";
import { translatedDialects, type Json } from "./translated-dialects.ts";
import { expectAnswer } from "./translated-world.ts";
import { until } from "./until.ts";

const hello = { contents: [{ role: "user", parts: [{ text: "hello" }] }] };
/** Code Assist's 429 of a minute, over after two seconds. */
const rateLimit = {
  status: 429,
  headers: { "content-type": "application/json; charset=UTF-8" },
  body: {
    error: {
      code: 429,
      message: "You have exhausted your capacity on this model. Your quota will reset after 2s.",
      status: "RESOURCE_EXHAUSTED",
      details: [
        {
          "@type": "type.googleapis.com/google.rpc.ErrorInfo",
          reason: "RATE_LIMIT_EXCEEDED",
          domain: "cloudcode-pa.googleapis.com",
          metadata: { uiMessage: "true", model, quotaResetDelay: "2s" },
        },
        { "@type": "type.googleapis.com/google.rpc.RetryInfo", retryDelay: "2s" },
      ],
    },
  },
};

/** @param world an account of tier 0 and a key of tier 1, when the tests run */
export function describeAccountBeside(world: () => AccountWorld): void {
  const servedBy = (): string | null | undefined => {
    const last = world().emulator.record().at(-1);
    return last?.account ?? last?.key;
  };
  const generate = async (name = model): Promise<Response> => {
    const response = await world().native(`/v1beta/models/${name}:generateContent`, hello);
    await response.arrayBuffer();
    return response;
  };

  it("the first tier serves, in all dialects", async () => {
    expect((await generate()).status).toBe(200);
    expect(servedBy()).toBe(email);
    for (const dialect of translatedDialects) {
      const answer = await world().ask(dialect, dialect.request([dialect.user("hello")], { model }));
      expectAnswer(answer, { status: 200, said: { isWhole: true } });
      expect(servedBy()).toBe(email);
    }
  });

  it("what needs a key goes to the key", async () => {
    const path = "/v1beta/models/gemini-embedding-001:embedContent";
    const response = await world().native(path, { content: { parts: [{ text: "x" }] } });
    expect(response.status).toBe(200);
    await response.arrayBuffer();
    expect(servedBy()).toBe(geminiKey);
  });

  describe.each(translatedDialects)("$name", (dialect) => {
    it("an account at its limit gives way to the key in the same call, and comes back", async () => {
      const request = dialect.request([dialect.user("hello")], { model, stream: true });
      await until(async () => ((await generate()).status === 200 && servedBy() === email) || undefined, "the account");
      world().emulator.fault({ match: { surface: "code-assist", stream: true }, do: { response: rateLimit } });
      const answer = await world().ask(dialect, request);
      expectAnswer(answer, { status: 200, said: { isWhole: true, error: null } });
      expect(servedBy()).toBe(geminiKey);
      expect((await world().row(answer)).attempts).toMatchObject([{ status: 429 }, { status: 200 }]);
      // While it rests nobody asks it.
      const next = await world().ask(dialect, request);
      expect((await world().row(next)).attempts).toHaveLength(1);
      expect(servedBy()).toBe(geminiKey);
      await until(async () => {
        expect((await world().ask(dialect, request)).said.isWhole).toBe(true);
        return servedBy() === email || undefined;
      }, "the account to come back");
    });

    it("a conversation goes on from the account to the key, without what the account signed", async () => {
      const tools = [dialect.tool("weather")];
      const turns: Json[] = [dialect.user('call weather {"city":"Bern"}')];
      await until(async () => ((await generate()).status === 200 && servedBy() === email) || undefined, "the account");
      const first = await world().ask(dialect, dialect.request(turns, { model, tools }));
      expect(servedBy()).toBe(email);
      turns.push(...first.said.history);
      turns.push(...dialect.results(first.said.tools.map(({ id }) => ({ id, output: "sunny" }))));
      world().emulator.fault({ match: { surface: "code-assist" }, do: { response: rateLimit } });
      const second = await world().ask(dialect, dialect.request(turns, { model, tools }));
      expectAnswer(second, { status: 200, said: { isWhole: true, error: null } });
      expect(second.said.text).toContain("sunny");
      expect(servedBy()).toBe(geminiKey);
    });
  });

  it("at the end of its day the account rests until its day begins, the key serves", async () => {
    expect((await generate(scarceModel)).status).toBe(200);
    expect(servedBy()).toBe(email);
    for (let call = 0; call < 3; call += 1) {
      expect((await generate(scarceModel)).status).toBe(200);
      expect(servedBy()).toBe(geminiKey);
    }
    const { credentials } = (await world().gateway.admin("status")) as { credentials: { cooldowns: Json[] }[] };
    const rests = credentials.flatMap(({ cooldowns }) => cooldowns).filter((one) => one["model"] === scarceModel);
    expect(rests).toMatchObject([{ cause: "day-quota" }]);
  });

  it("a revoked account is out, and no client notices", async () => {
    await until(async () => ((await generate()).status === 200 && servedBy() === email) || undefined, "the account");
    world().emulator.setAccount({
      email,
      refreshToken: world()
        .emulator.accounts()
        .flatMap(({ refreshTokens }) => refreshTokens)[0] as string,
      state: "revoked",
    });
    const before = world().refreshes();
    const answers = await Promise.all(Array.from({ length: 20 }, () => generate()));
    expect(answers.map(({ status }) => status)).toEqual(Array(20).fill(200));
    expect(servedBy()).toBe(geminiKey);
    expect(world().refreshes()).toBe(before + 1);
    const { credentials } = (await world().gateway.admin("status")) as { credentials: Json[] };
    expect(credentials).toContainEqual(
      expect.objectContaining({
        state: "disabled",
        disabled: expect.objectContaining({
          reason: "login-needed",
          words: expect.stringContaining("Log in again") as string,
        }) as unknown,
      }),
    );
  });
}
