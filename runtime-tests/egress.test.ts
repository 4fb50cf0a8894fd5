/**
 * A Worker in a region that Google refuses: the call leaves through the relay, a Durable Object of its own.
 * @module
 */
import { afterAll, beforeAll, expect, it } from "vitest";
import { startEmulator, type Emulator } from "../emulator/src/emulator.ts";
import { clientKey, startGateway, type GatewayUnderTest } from "./support/targets.ts";

const model = "gemini-3.8-flash";
let emulator: Emulator;
let gateway: GatewayUnderTest;

beforeAll(async () => {
  emulator = await startEmulator({
    projects: [{ id: "projects/1", keys: [{ key: "AIzaSyEgressTest-00000000000000000001" }] }],
  });
  gateway = await startGateway("workerd", {
    environment: {
      GEMINI_API_KEYS: "AIzaSyEgressTest-00000000000000000001",
      GOOGLE_GEMINI_API_BASE_URL: emulator.url,
      EGRESS_LOCATION_HINT: "weur",
    },
  });
}, 60_000);

afterAll(async () => {
  await gateway?.stop();
  await emulator?.close();
});

const ask = (alt: string): Promise<Response> =>
  fetch(`${gateway.url}/v1beta/models/${model}:${alt}`, {
    method: "POST",
    headers: { "x-goog-api-key": clientKey, "content-type": "application/json" },
    body: JSON.stringify({ contents: [{ role: "user", parts: [{ text: "Say something" }] }] }),
  });

it("serves the refused call and the ones after it, also as streams, and blames no key", async () => {
  emulator.fault({ match: { count: 1 }, do: { error: "location-unsupported" } });
  const answer = await ask("generateContent");
  expect(answer.status).toBe(200);
  expect(((await answer.json()) as { candidates: unknown[] }).candidates).toHaveLength(1);
  const stream = await ask("streamGenerateContent?alt=sse");
  expect(stream.status).toBe(200);
  expect(await stream.text()).toContain("STOP");
  const { credentials } = (await gateway.admin("status")) as { credentials: { state: string }[] };
  expect(credentials.map(({ state }) => state)).toEqual(["active"]);
  expect(emulator.record().map(({ status }) => status)).toEqual([400, 200, 200]);
});
