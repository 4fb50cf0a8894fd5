/**
 * `npm start`: the gateway out of a clone, with its dashboard. Without vite's packages (npm install --omit=dev) the
 * gateway starts all the same, and its page says what is missing. Plain JavaScript: a Node that is too old for the rest
 * must be able to read it, and gateway/bin then finds a newer one or says what to install.
 * @module
 */
import { fileURLToPath } from "node:url";

const bin = new URL("../gateway/bin/gemini-proxy.js", import.meta.url);

// Building takes what the gateway takes: TypeScript as it is. An older Node leaves both to the one that is handed to.
if (process.features.typescript) {
  const { ensureDashboard } = await import("./support/dashboard.ts");
  const onBuild = () => void process.stderr.write("Building the dashboard (some seconds, this once) …\n");
  const build = await ensureDashboard({ onBuild });
  if (!build.ok) process.stderr.write(`warning: The dashboard could not be built: ${build.reason}\n`);
}

// In this process: signals and the exit code are the gateway's own.
process.argv.splice(1, 1, fileURLToPath(bin));
process.argv.splice(2, 0, "start");
await import(bin.href);
