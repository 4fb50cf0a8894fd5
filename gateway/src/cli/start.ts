/**
 * `gemini-proxy start`
 * @module
 */
import type { NodeGateway } from "../hosts/node/start.ts";
import type { Settings } from "../settings/types.ts";
import { defineCliCommand } from "./command.ts";
import type { CliCommand } from "./command.ts";
import { addressOf, toAdminCurl, toCurl } from "./curl.ts";
import { CliFailure, wordsOf } from "./failure.ts";
import type { Output } from "./output.ts";

/** A second signal ends the process at once, but not one that a terminal and a wrapper send together. */
const impatientMs = 1000;

/** Starts the gateway and runs until SIGINT or SIGTERM. */
export const command: CliCommand = defineCliCommand({
  name: "start",
  description: "Start the gateway",
  args: {
    host: { type: "string", valueHint: "address", description: "Address to listen on (HOST, otherwise 127.0.0.1)" },
    port: {
      type: "string",
      valueHint: "number",
      description: "Port to listen on (PORT, otherwise 8787; 0 takes a free one)",
    },
    "log-level": { type: "string", valueHint: "level", description: "debug, info, warn or error (LOG_LEVEL)" },
    "open-mode": { type: "string", valueHint: "on|off", description: "Serve calls without a client key (OPEN_MODE)" },
  },
  settingFlags: true,
  needs: null,
  notes: [
    "Every setting that is no secret is also an option (RETENTION_DAYS is --retention-days); 'gemini-proxy config' lists them.",
    "SIGINT and SIGTERM let open calls end (DRAIN_TIMEOUT_MS); a second one ends the process at once.",
    "",
    "JSON: one line when it listens: {url, credentials: {total, usable}, clientKey|null, adminToken|null, recovered}",
  ],
  async run({ output, configuration }) {
    const { settings } = configuration;
    for (const warning of configuration.warnings) output.warn(warning);
    // Listened for from here on: a signal during the start must not leave a half-written data directory.
    const stopped = stopSignal();
    const { startNodeGateway } = await import("../hosts/node/start.ts");
    const gateway = await startNodeGateway({ settings, sources: configuration.sources }).catch((error: unknown) => {
      throw startFailure(error, settings);
    });
    announce(gateway, settings, output);
    await stopped;
    output.note("Stopping: open calls may end.");
    await gateway.close();
  },
});

// --- helpers ---

function announce(gateway: NodeGateway, settings: Settings, output: Output): void {
  const { url, first, recovered, credentials } = gateway;
  const { clientKey, adminToken } = first;
  if (output.isJson) return output.jsonLine({ url, credentials, clientKey, adminToken, recovered });
  const port = Number(new URL(url).port);
  const dashboard = settings.dashboard ? `${addressOf({ ...settings, port })}/` : null;
  output.line(`Listening on ${url}`);
  if (dashboard !== null) output.line(`Dashboard: ${dashboard}`);
  output.line(`Gemini keys: ${credentials.total}, usable ${credentials.usable}`);
  if (recovered.replayed + recovered.interrupted > 0)
    output.line(
      `The process before ended hard: ${recovered.replayed} calls put back into the record, ${recovered.interrupted} had been under way.`,
    );
  if (adminToken !== null) {
    output.line(`\nAdmin token (shown this once): ${adminToken}`);
    if (dashboard !== null) output.line(`Open ${dashboard} in a browser and log in with it, or try it here:`);
    else output.line("Try it:");
    output.line(toAdminCurl({ ...settings, port }, adminToken));
  }
  if (clientKey !== null) {
    output.line(`\nFirst client key (shown this once): ${clientKey}`);
    output.line(`Try it, when there is a Gemini key:\n${toCurl({ ...settings, port }, clientKey)}`);
  }
  if (settings.openMode) output.warn("OPEN_MODE is on: anyone who reaches this port spends your quota.");
  if (credentials.total === 0)
    output.line(
      `\nThere is no Gemini key yet. Add one ${dashboard === null ? "" : "in the dashboard (Pool), or "}with 'npx gemini-proxy keys add --data-dir ${settings.dataDir}'; a running gateway takes it up within a second.`,
    );
}

/** Resolves at the first signal to stop; a later one ends the process. */
function stopSignal(): Promise<void> {
  return new Promise((resolve) => {
    let stoppedAt: number | null = null;
    const onSignal = (signal: NodeJS.Signals): void => {
      if (stoppedAt === null) {
        stoppedAt = performance.now();
        resolve();
      } else if (performance.now() - stoppedAt > impatientMs) process.exit(signal === "SIGINT" ? 130 : 143);
    };
    process.on("SIGINT", onSignal);
    process.on("SIGTERM", onSignal);
  });
}

function startFailure(error: unknown, settings: Settings): CliFailure {
  const place = `${settings.host}:${settings.port}`;
  const { code } = error as { code?: string };
  if (code === "EADDRINUSE")
    return new CliFailure("The port is taken.", {
      place,
      next: "Stop the other process, or choose another with --port.",
    });
  if (code === "EACCES")
    return new CliFailure("This port or folder may not be used.", {
      place: `${place}, ${settings.dataDir}`,
      next: "Choose a port above 1023, and check the permissions of DATA_DIR.",
    });
  if (code === "EADDRNOTAVAIL" || code === "ENOTFOUND")
    return new CliFailure(`This machine has no such address.`, {
      place: `HOST=${settings.host}`,
      next: "Use 127.0.0.1, 0.0.0.0, or an address of this machine.",
    });
  return new CliFailure(wordsOf(error), {
    place: `DATA_DIR=${settings.dataDir}`,
    next: "'gemini-proxy doctor' tells more.",
  });
}
