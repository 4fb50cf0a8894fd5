/**
 * Live sessions through a worker: the same core, another way of moving messages.
 * @module
 */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startEmulator, type Emulator } from "../../emulator/src/emulator.ts";
import { dialLive, liveModel, openLive, Refused, say, textOf, type LiveClient } from "./live-client.ts";
import { clientKey, startGateway, type GatewayUnderTest, type LedgerCall } from "./targets.ts";
import { until } from "./until.ts";

const keyOf = (number: number): string => `AIzaSyLiveWorker-000000000000000000000${number}`;
const dial = { key: clientKey };

/** Registers the tests. */
export function describeLiveOnWorkers(): void {
  describe("on Workers", () => {
    let emulator: Emulator;
    let gateway: GatewayUnderTest;
    const rowOf = (client: LiveClient): Promise<LedgerCall> =>
      until(async () => (await gateway.calls()).find(({ id }) => id === client.id), "the session's row");

    beforeAll(async () => {
      emulator = await startEmulator({
        projects: [1, 2, 3].map((number) => ({
          id: `projects/400${number}`,
          keys: [{ key: keyOf(number), state: number === 1 ? "invalid" : "active" }],
          ...(number === 2 ? { quotas: { [liveModel]: { requestsPerMinute: 0 } } } : {}),
          tier: "unlimited",
        })),
        recordHeaders: true,
      });
      gateway = await startGateway("workerd", {
        environment: {
          GEMINI_API_KEYS: [1, 2, 3].map(keyOf).join(","),
          GOOGLE_GEMINI_API_BASE_URL: emulator.url,
          LIVE_MAX_MESSAGE_BYTES: "8MB",
        },
      });
    }, 90_000);
    afterAll(async () => {
      await gateway?.stop();
      await emulator?.close();
    });

    it("bad and exhausted keys are passed over, binary stays binary, and each turn is a row", async () => {
      const client = await openLive(gateway.url, { ...dial, protocols: ["json"] });
      expect(client.socket.protocol).toBe("json");
      client.send(say("hello worker"));
      const first = await client.next();
      expect(first.binary).toBe(true);
      expect(textOf([first.message, ...(await client.until("turnComplete"))])).toContain("hello worker");
      client.send(say("and again"));
      await client.until("turnComplete");
      expect(await client.closed(1000, "bye")).toEqual({ code: 1000, reason: "bye" });
      const row = await rowOf(client);
      expect(row).toMatchObject({ operation: "live", status: 101, outcome: "ok", usage: null });
      expect(row.attempts.at(-1)?.rule).toBe("ok");
      const turns = (await gateway.calls()).filter(({ operation }) => operation === "live-turn");
      const served = emulator.record().filter(({ usage }) => usage !== null);
      expect(new Set(turns.map(({ usage }) => usage?.["totalTokens"]))).toEqual(
        new Set(served.map(({ usage }) => usage?.total)),
      );
      expect(turns).toHaveLength(2);
      expect(served).toHaveLength(2);
      const record = JSON.stringify(emulator.record());
      expect(record).not.toContain(clientKey);
    });

    it("strangers get HTTP in Google's shape, and a message that is no setup 1007", async () => {
      const refused = await dialLive(gateway.url, { key: "gp-wrong" }).catch((error: unknown) => error);
      expect(refused).toBeInstanceOf(Refused);
      expect((refused as Refused).status).toBe(401);
      expect(JSON.parse((refused as Refused).body)).toMatchObject({ error: { status: "UNAUTHENTICATED" } });
      const client = await dialLive(gateway.url, dial);
      client.send(say("too soon"));
      expect((await client.closed()).code).toBe(1007);
    });

    it("closes go through both ways", async () => {
      const close = { code: 1011, reason: "Internal error." };
      emulator.fault({ match: { operation: "liveTurn" }, do: { live: { afterMessages: 1, close } } });
      const client = await openLive(gateway.url, dial);
      client.send(say("break now"));
      expect(await client.closed()).toEqual(close);
      emulator.clearFaults();
      const other = await openLive(gateway.url, dial);
      await other.closed(3001, "had enough");
      await until(async () => emulator.record().find(({ live }) => live?.closeCode === 3001), "the client's code");
    });

    it("5 MB pass each way, and more than may pass is 1009", async () => {
      const data = "A".repeat(5_000_000);
      emulator.script({ model: liveModel, parts: [{ inlineData: { mimeType: "image/png", data } }] });
      const client = await openLive(gateway.url, dial);
      const parts = [{ inlineData: { mimeType: "image/png", data } }];
      client.send({ clientContent: { turns: [{ role: "user", parts }], turnComplete: true } });
      expect((await client.next()).bytes).toBeGreaterThan(5_000_000);
      await client.until("turnComplete");
      client.send("x".repeat(8 * 1024 * 1024 + 1));
      expect((await client.closed()).code).toBe(1009);
    });

    it("a reader that stops ends the session with 1013, since the platform cannot pause the other side", async () => {
      const data = "A".repeat(5_000_000);
      const parts = Array.from({ length: 40 }, () => ({ inlineData: { mimeType: "image/png", data } }));
      emulator.script({ model: liveModel, parts });
      const client = await openLive(gateway.url, dial);
      client.send(say("speak"));
      await client.next();
      client.socket.pause();
      expect(await rowOf(client)).toMatchObject({ outcome: "incomplete", errorCode: "overloaded" });
      client.socket.resume();
      expect(await client.closed()).toMatchObject({ code: 1013 });
    });

    it("a session is taken up again on the project that has it", async () => {
      const first = await openLive(gateway.url, dial, { sessionResumption: {} });
      first.send(say("remember me"));
      await first.until("turnComplete");
      const [update] = (await first.until("sessionResumptionUpdate")).slice(-1);
      await first.closed(1000);
      const handle = update?.["sessionResumptionUpdate"]?.["newHandle"];
      expect(handle).toBeTypeOf("string");
      const second = await openLive(gateway.url, dial, { sessionResumption: { handle } });
      await second.closed(1000);
    });

    it("nothing is in flight in the end", async () => {
      const counts = await until(async () => {
        const status = (await gateway.admin("status")) as { credentials: { inFlight: number }[] };
        const open = status.credentials.map(({ inFlight }) => inFlight);
        return open.every((count) => count === 0) ? open : undefined;
      }, "no leases");
      expect(counts).toHaveLength(3);
    });
  });
}
