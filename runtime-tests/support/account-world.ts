/**
 * A gateway with a Code Assist account from its environment, on one runtime, in front of the emulator.
 * @module
 */
import { execFile } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import type { AccountConfig } from "../../emulator/src/accounts/types.ts";
import { startEmulator, type Emulator } from "../../emulator/src/emulator.ts";
import type { EmulatorOptions, ServedRecord } from "../../emulator/src/types.ts";
import { clientKey, startGateway, type GatewayUnderTest, type TargetName } from "./targets.ts";
import type { Json } from "./translated-dialects.ts";
import { createTranslatedClient, type TranslatedClient } from "./translated-world.ts";

/** Of the account from the environment. */
export const email = "ada@example.com";
/** What it begins with. */
export const refreshToken = "1//ada-refresh-token-of-the-environment";
/** The key beside it. */
export const geminiKey = "AIzaSyBesideAnAccount-000000000000000001";
/** Of both. */
export const model = "gemini-3-flash-preview";
/** One call a day is left of it, for the account. */
export const scarceModel = "gemini-2.5-flash";
/** Of Google's client. */
const oauthSecret = "emulator-secret";
/** Nothing of these may be printed. */
export const accountSecrets: readonly string[] = [refreshToken, oauthSecret, geminiKey, clientKey, "ya29."];

const command = new URL("../../gateway/bin/gemini-proxy.js", import.meta.url).pathname;
const run = promisify(execFile);

/** What tests of accounts work with. */
export interface AccountWorld extends TranslatedClient {
  emulator: Emulator;
  gateway: GatewayUnderTest;
  dataDir: string;
  /** Settings that the gateway was started with. */
  environment: Record<string, string>;
  /** A call of the native dialect, as Google's clients make it; GET without a body. */
  native(path: string, body?: Json): Promise<Response>;
  /** How often a token was asked for, of one account. */
  refreshes(of?: string): number;
  /** What the token endpoint was asked, oldest first. */
  tokenRequests(): ServedRecord[];
  /** Output of `gemini-proxy … --json` on the same data. Not on Workers. */
  cli(...words: string[]): Promise<unknown>;
  /** Stops the gateway, and starts it anew on the same data. */
  restart(): Promise<void>;
  stop(): Promise<void>;
}

/** Content of an `oauth_creds.json` whose access token is over. */
export function oauthCredentials(account: { email: string; refreshToken: string }): string {
  const claims = Buffer.from(JSON.stringify({ sub: account.email, email: account.email })).toString("base64url");
  return JSON.stringify({
    refresh_token: account.refreshToken,
    access_token: "ya29.over-since-long",
    expiry_date: 1_700_000_000_000,
    token_type: "Bearer",
    id_token: `e30.${claims}.c2lnbmF0dXJl`,
  });
}

/**
 * Starts both.
 * @param options `account`: changes the one of the environment; `others`: further ones, which the gateway does not know yet;
 * `environment`: a member that is undefined is left out
 */
export async function startAccountWorld(
  target: TargetName,
  options: {
    account?: Partial<AccountConfig>;
    others?: AccountConfig[];
    emulator?: EmulatorOptions;
    environment?: Record<string, string | undefined>;
    before?: (world: Pick<AccountWorld, "cli" | "dataDir" | "emulator">) => Promise<void>;
  } = {},
): Promise<AccountWorld> {
  const plenty = { requestsPerMinute: null, requestsPerDay: null };
  const account = {
    email,
    refreshToken,
    quotas: { "*": plenty, [scarceModel]: { requestsPerMinute: null, requestsPerDay: 1 } },
    onboardMs: 300,
    ...options.account,
  };
  const emulator = await startEmulator({
    projects: [{ id: "projects/1", keys: [{ key: geminiKey }], tier: "unlimited" }],
    accounts: [account, ...(options.others ?? []).map((other) => ({ quotas: { "*": plenty }, ...other }))],
    recordBodyBytes: 65_536,
    ...options.emulator,
  });
  const wanted: Record<string, string | undefined> = {
    GCP_SERVICE_ACCOUNT: oauthCredentials(account),
    CODE_ASSIST_BASE_URL: emulator.url,
    GOOGLE_OAUTH_BASE_URL: emulator.url,
    GOOGLE_GEMINI_API_BASE_URL: emulator.url,
    CODE_ASSIST_CLIENT_ID: "emulator-client",
    CODE_ASSIST_CLIENT_SECRET: oauthSecret,
    IDLE_TIMEOUT_MS: "5000",
    ...options.environment,
  };
  const environment: Record<string, string> = {};
  for (const [name, value] of Object.entries(wanted)) if (value !== undefined) environment[name] = value;
  const dataDir = await mkdtemp(join(tmpdir(), `gemini-proxy-accounts-${target}-`));

  async function cli(...words: string[]): Promise<unknown> {
    const { PATH = "" } = process.env;
    const options = { env: { PATH, DATA_DIR: dataDir, ...environment } };
    const { stdout } = await run(process.execPath, [command, ...words, "--json"], options);
    return JSON.parse(stdout) as unknown;
  }

  await options.before?.({ cli, dataDir, emulator });
  const start = (): Promise<GatewayUnderTest> => startGateway(target, { environment, dataDir });
  let gateway = await start();
  let client = createTranslatedClient(gateway);
  return {
    emulator,
    dataDir,
    environment,
    cli,
    get gateway() {
      return gateway;
    },
    post: (...words) => client.post(...words),
    ask: (...words) => client.ask(...words),
    row: (...words) => client.row(...words),
    native: (path, body) =>
      fetch(`${gateway.url}${path}`, {
        headers: { "x-goog-api-key": clientKey, "content-type": "application/json" },
        ...(body === undefined ? {} : { method: "POST", body: JSON.stringify(body) }),
      }),
    refreshes: (of = email) => emulator.totals().byAccount[of]?.byOperation["oauthToken"] ?? 0,
    tokenRequests: () => emulator.record().filter(({ operation }) => operation === "oauthToken"),
    async restart() {
      await gateway.stop();
      gateway = await start();
      client = createTranslatedClient(gateway);
    },
    async stop() {
      await gateway.stop();
      await emulator.close();
      await rm(dataDir, { recursive: true, force: true });
    },
  };
}
