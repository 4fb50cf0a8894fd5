/** @module The command: `node emulator/src/main.ts --port 9999 [--host 127.0.0.1] [--config file.json]`. */

import { readFileSync } from "node:fs";
import { parseArgs } from "node:util";

import { DEFAULT_KEY, startEmulator } from "./emulator.ts";
import type { EmulatorOptions } from "./types.ts";

const USAGE = `Usage: node emulator/src/main.ts [--port 9999] [--host 127.0.0.1] [--config file.json]

The file holds the options of startEmulator() that JSON can say: projects, accounts, models, seed, latencyMs, tokenRate, …`;

const { values } = parseArgs({
  options: {
    port: { type: "string" },
    host: { type: "string" },
    config: { type: "string" },
    help: { type: "boolean", short: "h" },
  },
});

if (values.help) {
  console.log(USAGE);
} else {
  const config =
    values.config === undefined ? {} : (JSON.parse(readFileSync(values.config, "utf8")) as EmulatorOptions);
  const emulator = await startEmulator({
    ...config,
    port: values.port === undefined ? (config.port ?? 9_999) : Number(values.port),
    ...(values.host === undefined ? {} : { host: values.host }),
  });
  console.log(`gemini-emulator listens on ${emulator.url}`);
  console.log(`control surface: ${emulator.url}/_emulator/`);
  if (!config.projects) console.log(`key: ${DEFAULT_KEY}`);
  const stop = (): void => {
    void emulator.close();
  };
  process.once("SIGTERM", stop);
  process.once("SIGINT", stop);
}
