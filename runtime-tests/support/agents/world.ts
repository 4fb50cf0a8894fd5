/**
 * A gateway in front of an emulated Google, for agents: two projects, everything as it is by default.
 * @module
 */
import { startEmulator, type Emulator, type ServedRecord } from "../../../emulator/src/emulator.ts";
import { startGateway, type GatewayUnderTest, type LedgerCall } from "../targets.ts";
import { until } from "../until.ts";

/** What the gateway has to open Google with. */
export type CredentialKind = "key" | "account";

/** A call in the ledger, as far as these tests look. */
export interface AgentCall extends LedgerCall {
  stream: boolean;
  costUsd: number | null;
  path: string;
}

/** Emulator and gateway. */
export interface AgentWorld {
  credentials: CredentialKind;
  emulator: Emulator;
  gateway: GatewayUnderTest;
  /** Forgets scripts and faults; what comes is a task of its own. */
  begin(): Promise<void>;
  /** Calls that came to Google since `begin`; not what accounts need besides. */
  served(): ServedRecord[];
  /** The ledger since `begin`, oldest first, when it holds as many calls as asked for. */
  calls(count: number): Promise<AgentCall[]>;
  stop(): Promise<void>;
}

const keys = ["1", "2"].map((digit) => `AIzaSyAgentsKey-0000000000000000000000${digit}`);
/** Operations of calls, whatever the surface; accounts need others besides. */
const generates = /generate|stream|count|chat/i;
const account = { email: "ada@example.com", refreshToken: "1//agents-refresh-token", project: "ada-project" };

/**
 * Starts both.
 * @param options `environment`: settings beside the address and the credentials
 */
export async function startAgentWorld(options: {
  credentials: CredentialKind;
  environment?: Record<string, string>;
}): Promise<AgentWorld> {
  const emulator = await startEmulator({
    publicUrl: "self",
    recordHeaders: true,
    recordBodyBytes: 8_000_000,
    projects: keys.map((key, index) => ({ id: `projects/200${index}`, keys: [{ key }], tier: "unlimited" as const })),
    accounts: [account],
  });
  const gateway = await startGateway("node24", {
    environment: {
      GOOGLE_GEMINI_API_BASE_URL: emulator.url,
      CODE_ASSIST_BASE_URL: emulator.url,
      GOOGLE_OAUTH_BASE_URL: emulator.url,
      ...credentialSettings(options.credentials),
      ...options.environment,
    },
  });
  let before = "";
  let recorded = 0;
  return {
    credentials: options.credentials,
    emulator,
    gateway,
    async begin() {
      emulator.clearFaults();
      await fetch(`${emulator.url}/_emulator/script`, { method: "DELETE" });
      before = (await gateway.calls("limit=1"))[0]?.id ?? "";
      recorded = emulator.record().length;
    },
    served: () =>
      emulator
        .record()
        .slice(recorded)
        .filter(({ operation }) => generates.test(operation ?? "")),
    calls: (count) =>
      until(async () => {
        const calls = (await gateway.calls("limit=1000")) as AgentCall[];
        const index = calls.findIndex(({ id }) => id === before);
        const since = (index < 0 ? calls : calls.slice(0, index)).toReversed();
        return since.length >= count ? since : undefined;
      }, `${count} calls in the ledger`),
    async stop() {
      await gateway.stop();
      await emulator.close();
    },
  };
}

// --- helpers ---

function credentialSettings(kind: CredentialKind): Record<string, string> {
  if (kind === "key") return { GEMINI_API_KEYS: keys.join(",") };
  return {
    GCP_SERVICE_ACCOUNT: JSON.stringify({ refresh_token: account.refreshToken }),
    GEMINI_PROJECT_ID: account.project,
    CODE_ASSIST_CLIENT_ID: "emulator-client",
    CODE_ASSIST_CLIENT_SECRET: "emulator-secret",
  };
}
