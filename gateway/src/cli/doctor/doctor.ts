/**
 * `gemini-proxy doctor`
 * @module
 */
import { defineCliCommand } from "../command.ts";
import type { CliCommand } from "../command.ts";
import type { FindingState } from "./finding.ts";
import { checkDataDir, checkNode, checkSettings, checkStore } from "./local-checks.ts";
import { checkGateway, checkUpstream } from "./network-checks.ts";

/** Looks for what is wrong. */
export const command: CliCommand = defineCliCommand({
  name: "doctor",
  description: "Look for what is wrong, from settings to the upstream",
  args: { offline: { type: "boolean", description: "Leave out what needs the network" } },
  settingFlags: true,
  needs: [],
  notes: [
    "Looks at: settings, Node, data directory and its permissions, database, master key, keys, accounts, client keys,",
    "whether the upstream is reached and serves this machine's location, the clock, and whether a gateway runs on HOST:PORT.",
    "Nothing is changed. Exit code 1 when something does not work.",
    "",
    "JSON: {ok, checks: [{name, state: ok|info|warn|fail, detail, next|null}]}",
  ],
  async run({ args, output, configuration, now }) {
    const { settings } = configuration;
    const store = await checkStore(configuration, now);
    const checks = [...checkSettings(configuration), checkNode(), ...checkDataDir(settings.dataDir), ...store.findings];
    // With a wrong base the default stands in, and keys must not go there.
    const isBaseWrong = configuration.problems.some(({ variable }) => /(?:BASE_URL|UPSTREAM)/.test(variable));
    if (args.offline !== true) {
      const [upstream, gateway] = await Promise.all([
        isBaseWrong ? [] : checkUpstream(settings.geminiBaseUrl, store.keys),
        checkGateway(settings),
      ]);
      checks.push(...upstream, gateway);
    }
    const ok = checks.every(({ state }) => state !== "fail");
    if (output.json({ ok, checks })) return ok ? 0 : 1;
    const width = Math.max(...checks.map(({ name }) => name.length));
    for (const { name, state, detail, next } of checks) {
      output.line(`${output.style(colours[state], state.padEnd(4))}  ${name.padEnd(width)}  ${detail}`);
      if (next !== null) output.line(`${" ".repeat(width + 6)}  → ${next}`);
    }
    return ok ? 0 : 1;
  },
});

// --- helpers ---

const colours = { ok: "green", info: "dim", warn: "yellow", fail: "red" } as const satisfies Record<
  FindingState,
  string
>;
