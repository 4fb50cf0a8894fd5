/**
 * What a worker says when its settings are missing or wrong.
 * @module
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { until } from "./until.ts";
import { adminToken, call, secrets } from "./worker-client.ts";
import { deployedConfig, startWorker, type RunningWorker } from "./wrangler-worker.ts";

/** Registers the tests. */
export function describeSettings(): void {
  describe("settings that are missing or wrong", () => {
    let folder: string;
    const starts: RunningWorker[] = [];
    beforeAll(async () => {
      folder = await mkdtemp(join(tmpdir(), "gemini-proxy-settings-"));
    });
    afterAll(async () => {
      await Promise.all(starts.map((one) => one.stop()));
      await rm(folder, { recursive: true, force: true });
    });
    const started = async (name: string, variables: Record<string, string>): Promise<RunningWorker> => {
      const worker = await startWorker({ config: deployedConfig, variables, folder: join(folder, name) });
      starts.push(worker);
      return worker;
    };

    it("without PROXY_API_KEY and keys everybody gets 401, and the log says what to do", async () => {
      const worker = await started("closed", { ADMIN_TOKEN: adminToken });
      expect(await call(worker)).toMatchObject({ status: 401 });
      // Lines of the log reach the terminal one by one: each is waited for.
      for (const advice of ["secret put PROXY_API_KEY", "secret put API_KEYS"]) {
        await until(async () => (worker.output().includes(advice) ? true : undefined), advice);
      }
      const response = await fetch(`${worker.url}/health`);
      expect(response.status).toBe(200);
      expect(await response.json()).toMatchObject({ status: "degraded", cause: "no-usable-credential" });
    });

    it("with wrong settings everybody gets 500 with their names, and no value", async () => {
      const value = "https://user:word@example.test";
      const worker = await started("wrong", {
        ...secrets,
        GEMINI_UPSTREAM_URL: value,
        MAX_BODY_BYTES: "much-too-much",
        ENCRYPTION_KEY: "short",
      });
      const { status, text } = await call(worker);
      expect(status).toBe(500);
      expect(JSON.parse(text)).toEqual({
        error: {
          code: 500,
          status: "INTERNAL",
          message: expect.stringMatching(/GEMINI_UPSTREAM_URL, MAX_BODY_BYTES, ENCRYPTION_KEY/) as string,
        },
      });
      expect(text).not.toMatch(/word|much-too-much|short/);
      await until(async () => (/MAX_BODY_BYTES: expected/.test(worker.output()) ? true : undefined), "the log's words");
      expect(worker.output()).not.toContain("user:word");
    });
  });
}
