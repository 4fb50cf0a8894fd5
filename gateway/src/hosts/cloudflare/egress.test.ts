import { describe, expect, test } from "vitest";
import { createEgress } from "./egress.ts";
import type { RelayNamespace } from "./runtime.ts";

const logger = { log: () => undefined };
const refusalBody = JSON.stringify({
  error: { code: 400, message: "User location is not supported for the API use.", status: "FAILED_PRECONDITION" },
});

describe("the way out of the edge", () => {
  test("is direct while Google answers, also with errors of the call's own", async () => {
    const { relay, asked } = relayOf();
    const egress = createEgress(
      { EGRESS_RELAY: relay },
      logger,
      async (url) => new Response(`direct ${url}`, { status: url.endsWith("bad") ? 400 : 200, headers: { a: "b" } }),
    );
    const bad = await egress.fetch("https://google.example/bad", {});
    expect([bad.status, bad.headers.get("a"), await bad.text()]).toEqual([
      400,
      "b",
      "direct https://google.example/bad",
    ]);
    expect(await (await egress.fetch("https://google.example/good", {})).text()).toBe(
      "direct https://google.example/good",
    );
    expect(asked).toEqual([]);
  });

  test("goes through the relay where the region is refused, this call and those of the next hour", async () => {
    const { relay, asked, hints } = relayOf();
    let now = 0;
    let direct = 0;
    const egress = createEgress(
      { EGRESS_RELAY: relay, EGRESS_LOCATION_HINT: "weur" },
      logger,
      async () => {
        direct++;
        return new Response(refusalBody, { status: 400 });
      },
      () => now,
    );
    expect(await (await egress.fetch("https://google.example/1", { method: "POST", body: "x" })).text()).toBe(
      "relayed",
    );
    expect(await (await egress.fetch("https://google.example/2", {})).text()).toBe("relayed");
    expect(direct).toBe(1);
    now = 3_600_000;
    await egress.fetch("https://google.example/3", {});
    expect(direct).toBe(2);
    expect(asked).toEqual(["https://google.example/1", "https://google.example/2", "https://google.example/3"]);
    expect(new Set(hints)).toEqual(new Set(["weur"]));
  });

  test("shows the refusal when the body was a stream, and takes the relay from then on", async () => {
    const { relay, asked } = relayOf();
    const egress = createEgress(
      { EGRESS_RELAY: relay },
      logger,
      async () => new Response(refusalBody, { status: 400 }),
      () => 0,
    );
    const body = new Response("chunk").body as ReadableStream;
    expect((await egress.fetch("https://google.example/1", { method: "POST", body })).status).toBe(400);
    expect(asked).toEqual([]);
    await egress.fetch("https://google.example/2", {});
    expect(asked).toHaveLength(1);
  });

  test("is direct when the relay is switched off", async () => {
    const { relay, asked } = relayOf();
    const bindings = { EGRESS_RELAY: relay, EGRESS_LOCATION_HINT: "off" };
    const egress = createEgress(bindings, logger, async () => new Response(refusalBody, { status: 400 }));
    expect((await egress.fetch("https://google.example/1", {})).status).toBe(400);
    expect(asked).toEqual([]);
  });

  test("is direct without a relay", async () => {
    const egress = createEgress({}, logger, async () => new Response(refusalBody, { status: 400 }));
    expect((await egress.fetch("https://google.example/1", {})).status).toBe(400);
  });
});

// --- helpers ---

function relayOf(): { relay: RelayNamespace; asked: string[]; hints: (string | undefined)[] } {
  const asked: string[] = [];
  const hints: (string | undefined)[] = [];
  const relay: RelayNamespace = {
    idFromName: (name) => name,
    get: (_id, options) => {
      hints.push(options?.locationHint);
      return {
        async fetch(url) {
          asked.push(url);
          return new Response("relayed");
        },
      };
    },
  };
  return { relay, asked, hints };
}
