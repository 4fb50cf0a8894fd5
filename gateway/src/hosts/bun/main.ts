/**
 * The gateway on Bun: Bun.serve in front, fetch behind, the same core and the same data directory.
 * Run with `bun gateway/src/hosts/bun/main.ts`; settings come from the environment.
 * @module
 */
import { parseSettings } from "../../settings/parse.ts";
import { startBunGateway } from "./start.ts";

const parsed = parseSettings(process.env);
for (const warning of parsed.warnings) console.error(`warning: ${warning}`);
if (parsed.problems.length > 0) {
  for (const problem of parsed.problems) console.error(`error: ${problem.variable}: ${problem.message}`);
  process.exit(2);
}
const gateway = await startBunGateway(parsed);
console.log(`gemini-proxy on Bun listens on ${gateway.url}`);
if (gateway.first.clientKey !== null) console.log(`client key (shown once): ${gateway.first.clientKey}`);
for (const signal of ["SIGTERM", "SIGINT"] as const)
  process.once(signal, () => void gateway.close().then(() => process.exit(0)));
