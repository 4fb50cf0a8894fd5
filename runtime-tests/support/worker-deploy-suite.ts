/**
 * What `wrangler deploy` would send.
 * @module
 */
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { deployedConfig, root, wrangler } from "./wrangler-worker.ts";

/** Registers the tests. */
export function describeDeployment(): void {
  describe("deployment", () => {
    let folder: string;
    beforeAll(async () => {
      folder = await mkdtemp(join(tmpdir(), "gemini-proxy-bundle-"));
    });
    afterAll(() => rm(folder, { recursive: true, force: true }));

    it.each([
      ["the top level", "--env="],
      ["staging", "--env=staging"],
      ["production", "--env=production"],
    ])("%s bundles offline, below 500 KB of gzip", async (name, flag) => {
      const out = join(folder, `bundle${flag}`);
      const run = await wrangler(["deploy", "--dry-run", "--config", deployedConfig, flag, "--outdir", out]);
      expect(run).toMatchObject({ code: 0 });
      expect(run.output).toContain("env.GATEWAY_STATE (GatewayState)");
      const bytes = gzipSync(await readFile(join(out, "worker.js"))).length;
      console.log(`${name}: ${bytes} bytes of gzip`);
      // The free plan takes 3 MB (https://developers.cloudflare.com/workers/platform/limits/#worker-size).
      expect(bytes).toBeLessThan(500_000);
    });

    it("uses the wrangler that is tested here", async () => {
      const versions = ["deploy/cloudflare", "runtime-tests"].map(async (place) => {
        const file = JSON.parse(await readFile(join(root, place, "package.json"), "utf8")) as Record<string, object>;
        return ({ ...file["dependencies"], ...file["devDependencies"] } as Record<string, string>)["wrangler"];
      });
      const [deployed, tested] = await Promise.all(versions);
      expect(deployed).toBe(tested);
    });
  });
}
