/**
 * `gemini-proxy accounts login`
 * @module
 */
import { spawn } from "node:child_process";
import { createHash, randomBytes } from "node:crypto";
import { createInterface } from "node:readline/promises";
import { agentOf } from "../../accounts/ask.ts";
import type { AccountAnswer, AccountQuestion } from "../../accounts/ask.ts";
import {
  authorizeUrl,
  clientOf,
  codeQuestion,
  manualRedirect,
  readTokenAnswer,
  readUserInfo,
  userInfoQuestion,
  type OauthClient,
} from "../../accounts/oauth.ts";
import type { ParsedAccount } from "../../accounts/tokens.ts";
import { toSecret, type Secret } from "../../core/secret.ts";
import { version } from "../../hosts/version.ts";
import type { Settings } from "../../settings/types.ts";
import { parseInteger } from "../../settings/values.ts";
import { defineCliCommand } from "../command.ts";
import type { CliCommand } from "../command.ts";
import { CliFailure, usageFailure, wordsOf } from "../failure.ts";
import { askSecret, isInteractive } from "../input.ts";
import { withWorkspace } from "../workspace.ts";
import { askForAccount } from "./account-ask.ts";
import { accountSettings } from "./account-views.ts";
import { openCallbackServer } from "./callback-server.ts";
import { accountOptions, readAccountOptions, storeAccount, tellOutcome } from "./store-account.ts";

/** A log-in that takes longer is given up. */
const timeoutMs = 5 * 60_000;

/** Logs an account in. */
export const command: CliCommand = defineCliCommand({
  name: "accounts login",
  description: "Log a Code Assist account in with Google, and add it",
  args: {
    browser: {
      type: "boolean",
      description: "Open the browser; --no-browser: for machines without one, takes the code that Google shows",
    },
    port: { type: "string", valueHint: "number", description: "Port that the browser comes back to (otherwise any)" },
    ...accountOptions,
  },
  needs: accountSettings,
  notes: [
    "For holders of a Gemini Code Assist Standard or Enterprise licence: see docs/code-assist.md.",
    "The OAuth client is that of CODE_ASSIST_CLIENT_ID and CODE_ASSIST_CLIENT_SECRET. The address to open goes to standard",
    "error; nobody has to be at this machine with --no-browser. An account that is here already gets the new tokens.",
    "",
    "JSON: {status: added|updated, id, name, email, inEnvironment}",
  ],
  async run({ args, output, configuration, now }) {
    const { settings } = configuration;
    const change = await readAccountOptions(args, { configuration, output });
    const port = args.port === undefined ? 0 : parseInteger(args.port);
    if (port === null || port < 0 || port > 65_535) throw usageFailure("--port: expected a number from 0 to 65535.");
    const client = clientOf(settings);
    if (!client.ok) throw usageFailure(client.failure.words);
    const verifier = randomBytes(48).toString("base64url");
    const proxy = change.proxy ?? settings.outboundProxy;
    const login = { settings, client: client.value, verifier, proxy: proxy === null ? null : toSecret(proxy) };
    const state = randomBytes(32).toString("hex");
    const account =
      args.browser === false
        ? await logInByHand(login, state)
        : await logInHere(login, { state, port, browser: args.browser === true });
    const outcome = await withWorkspace(configuration, { write: true }, (workspace) =>
      storeAccount(account, change, { workspace, configuration, now }),
    );
    if (output.json(outcome)) return;
    tellOutcome(outcome, configuration, output);
  },
});

// --- helpers ---

interface Login {
  settings: Settings;
  client: OauthClient;
  /** Of PKCE: only whoever began the log-in can redeem its code. */
  verifier: string;
  /** The account's own, or the shared one; null: none. */
  proxy: Secret | null;
}

async function logInHere(
  login: Login,
  options: { state: string; port: number; browser: boolean },
): Promise<ParsedAccount> {
  const { state, port, browser } = options;
  const server = await openCallbackServer({ port, state, timeoutMs });
  try {
    const url = urlOf(login, server.redirectUri, state);
    tell(url);
    if (browser) openBrowser(url);
    return await redeem(login, { code: await server.code, redirectUri: server.redirectUri });
  } finally {
    server.close();
  }
}

async function logInByHand(login: Login, state: string): Promise<ParsedAccount> {
  tell(urlOf(login, manualRedirect, state));
  const given = (isInteractive() ? await askSecret("Code that Google shows") : await readLine()).trim();
  const code = codeOf(given, state);
  if (code === null)
    throw usageFailure(
      "No code was given that fits this log-in.",
      "Paste the code that Google shows after the log-in.",
    );
  return redeem(login, { code, redirectUri: manualRedirect });
}

function urlOf({ settings, client, verifier }: Login, redirectUri: string, state: string): string {
  const challenge = createHash("sha256").update(verifier).digest("base64url");
  return authorizeUrl({ settings, client, redirectUri, state, challenge });
}

/** Also with --json: without the address nothing goes on. */
function tell(url: string): void {
  process.stderr.write(`Open this address and log in with the account that has the licence:\n\n  ${url}\n\n`);
}

/** The code alone, also as it stands in an address, or the address that has it. */
function codeOf(given: string, state: string): string | null {
  let code: string | null = given;
  if (/^https?:\/\//i.test(given)) {
    if (!URL.canParse(given)) return null;
    const { searchParams } = new URL(given);
    if (searchParams.has("state") && searchParams.get("state") !== state) return null;
    code = searchParams.get("code");
  } else if (/^[^/%]*%2F[\w.~-]*$/i.test(given)) code = decodeURIComponent(given);
  return code !== null && /^[\x21-\x7e]{1,2048}$/.test(code) ? code : null;
}

async function readLine(): Promise<string> {
  const lines = createInterface({ input: process.stdin });
  try {
    for await (const line of lines) if (line.trim() !== "") return line;
    return "";
  } finally {
    lines.close();
    process.stdin.destroy();
  }
}

async function redeem(login: Login, grant: { code: string; redirectUri: string }): Promise<ParsedAccount> {
  const { settings, client, verifier } = login;
  const agent = agentOf(version);
  const answer = await ask(login, codeQuestion({ settings, client, verifier, agent, ...grant }));
  const granted = readTokenAnswer(answer, [grant.code, verifier, client.secret]);
  if (!granted.ok)
    throw new CliFailure(
      granted.failure.rule === "account.login-needed"
        ? "Google does not take the code: it was used before, is older than some minutes, or is not whole."
        : granted.failure.words,
      { next: "Start the command again." },
    );
  const { accessToken, refreshToken, lifeMs, scopes, owner } = granted.value;
  if (refreshToken === null)
    throw new CliFailure("Google gave no refresh token, so the account would work for an hour only.", {
      next: "Take this gateway's access away at https://myaccount.google.com/connections and log in again.",
    });
  const known =
    owner.subject !== null
      ? owner
      : readUserInfo(await ask(login, userInfoQuestion(settings, accessToken, agent)).catch(() => nothing));
  const tokens = { refreshToken, accessToken, expiresAt: Date.now() + lifeMs, clientId: client.id };
  return { tokens, owner: known, scopes };
}

const nothing: AccountAnswer = { status: 0, body: "" };

async function ask({ proxy }: Login, question: AccountQuestion): Promise<AccountAnswer> {
  return askForAccount({ ...question, proxy, timeoutMs: 20_000 }).catch((error: unknown) => {
    throw new CliFailure(`Google cannot be reached: ${wordsOf(error)}`, {
      next: "Check the network, and OUTBOUND_PROXY or --proxy.",
    });
  });
}

/** Best effort: the address is on the screen. */
function openBrowser(url: string): void {
  const [program, ...words] =
    process.platform === "darwin"
      ? ["open", url]
      : process.platform === "win32"
        ? ["rundll32", "url.dll,FileProtocolHandler", url]
        : ["xdg-open", url];
  const child = spawn(program, words, { stdio: "ignore", detached: true });
  child.once("error", () => process.stderr.write("The browser could not be opened; open the address yourself.\n"));
  child.unref();
}
