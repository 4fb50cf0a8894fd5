/**
 * The black-box tests start processes and open ports, so files run one after the other.
 * @module
 */
import { defineConfig, type ViteUserConfig } from "vitest/config";

const config: ViteUserConfig = defineConfig({
  test: { include: ["*.test.ts"], testTimeout: 30_000, hookTimeout: 120_000, pool: "forks", fileParallelism: false },
});

export default config;
