/**
 * `npm start`: the gateway out of a clone, with its dashboard. Without vite's packages (npm install --omit=dev) the
 * gateway starts all the same, and its page says what is missing.
 * @module
 */
import { fileURLToPath } from "node:url";
import { ensureDashboard } from "./support/dashboard.ts";

const onBuild = (): void => void process.stderr.write("Building the dashboard (some seconds, this once) …\n");
const build = await ensureDashboard({ onBuild });
if (!build.ok) process.stderr.write(`warning: The dashboard could not be built: ${build.reason}\n`);

// In this process: signals and the exit code are the gateway's own.
const bin = new URL("../gateway/bin/gemini-proxy.js", import.meta.url);
process.argv.splice(1, 1, fileURLToPath(bin));
process.argv.splice(2, 0, "start");
await import(bin.href);
