/**
 * One configuration for every test; `npm test` runs runtime-tests apart from the others (scripts/test.ts).
 * @module
 */
import { defineConfig, type ViteUserConfig } from "vitest/config";

const config: ViteUserConfig = defineConfig({
  test: {
    include: ["{gateway,emulator,dashboard}/src/**/*.test.ts", "{bench,runtime-tests,scripts,tools}/**/*.test.ts"],
    exclude: ["**/node_modules/**", "runtime-tests/*/inside/**"],
    testTimeout: 60_000,
    pool: "forks",
    // By default one fewer than there are cores, which leaves half of a small machine idle.
    maxWorkers: 2,
  },
});

export default config;
