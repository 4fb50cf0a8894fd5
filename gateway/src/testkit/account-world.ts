/**
 * A world for accounts: a store, a vault, a keeper, and a Google of a few lines that answers as it is told.
 * @module
 */
import { createHash } from "node:crypto";
import type { AccountAnswer, AccountAsk, AccountQuestion } from "../accounts/ask.ts";
import { createAccountKeeper, type LocalAccountKeeper } from "../accounts/keeper.ts";
import type { AccountSettings, AccountTools } from "../accounts/refresh.ts";
import type { AccountShelf } from "../accounts/shelf.ts";
import { accountKey, parseAccount, writeTokens } from "../accounts/tokens.ts";
import { unknownAccount } from "../core/accounts.ts";
import type { Lease } from "../core/credential.ts";
import { createAccountShelf } from "../hosts/accounts/account-shelf.ts";
import { leaseOfAccount } from "../hosts/accounts/create-accounts.ts";
import { openCredentials } from "../hosts/state-credentials.ts";
import { parseSettings } from "../settings/parse.ts";
import type { Settings } from "../settings/types.ts";
import type { Store } from "../storage/types.ts";
import { createVault, type Vault } from "../vault/envelope.ts";
import { credentialIdOf, fingerprintOf } from "../vault/fingerprint.ts";
import { createKeptLogger, createSeededRandom, createSimulatedClock, type SimulatedClock } from "./simulated.ts";

/** SHA-256, as hosts have it. */
export const digest = { sha256: (text: string): string => createHash("sha256").update(text).digest("hex") };

/** What `oauth_creds.json` holds. @param more replaces fields */
export function credentialsFile(more: Record<string, unknown> = {}): string {
  return JSON.stringify({
    access_token: "ya29.first-access-token",
    refresh_token: "1//first-refresh-token",
    scope: "https://www.googleapis.com/auth/cloud-platform openid",
    token_type: "Bearer",
    id_token: idToken({ sub: "1234567890", email: "ada@example.com" }),
    expiry_date: start - 1,
    ...more,
  });
}

/** An id token with these claims, and no signature worth the name. */
export function idToken(claims: Record<string, unknown>): string {
  const part = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString("base64url");
  return `${part({ alg: "RS256" })}.${part(claims)}.c2lnbmF0dXJl`;
}

/** The simulated clock's first moment. */
export const start = Date.UTC(2026, 10, 21, 12);

/** Every secret that the small Google gives or is given begins so. */
export const secretShapes: RegExp =
  /first-access-token|first-refresh-token|rotated-refresh|granted-\d|client-secret-text|GOCSPX|ya29\.[a-z]|1\/\/[a-z]/;

/** Google as far as accounts ask it. Each answer can be replaced. */
export interface SmallGoogle {
  ask: AccountAsk;
  /** Everything that was asked, oldest first. */
  asked: (AccountQuestion & { path: string })[];
  /** Asked at this path. */
  count(path: string): number;
  /** Replaces the answer at a path; an Error is a broken connection. */
  answers: Map<string, (question: AccountQuestion) => AccountAnswer | Error | Promise<AccountAnswer>>;
}

/** Makes it: tokens `ya29.granted-1`, `-2` … that live an hour, project `found-project`. */
export function createSmallGoogle(): SmallGoogle {
  const asked: SmallGoogle["asked"] = [];
  let granted = 0;
  const answers: SmallGoogle["answers"] = new Map([
    ["/token", () => json({ access_token: `ya29.granted-${++granted}`, expires_in: 3_600, token_type: "Bearer" })],
    [
      "/v1internal:loadCodeAssist",
      () => json({ currentTier: { id: "standard-tier" }, cloudaicompanionProject: "found-project" }),
    ],
  ]);
  return {
    asked,
    answers,
    count: (path) => asked.filter((one) => one.path === path).length,
    async ask(question) {
      const path = new URL(question.url).pathname;
      asked.push({ ...question, path });
      // As on a network: nobody is answered at once.
      await new Promise((resolve) => setImmediate(resolve));
      const answer = await (answers.get(path)?.(question) ?? { status: 404, body: "not found" });
      if (answer instanceof Error) throw answer;
      return answer;
    },
  };
}

/** A JSON answer. */
export function json(value: unknown, status = 200): AccountAnswer {
  return { status, body: JSON.stringify(value) };
}

/** One process's keeper with what it needs. */
export interface AccountWorld {
  clock: SimulatedClock;
  google: SmallGoogle;
  logger: ReturnType<typeof createKeptLogger>;
  settings: Settings;
  store: Store;
  vault: Vault;
  shelf: AccountShelf;
  keeper: LocalAccountKeeper;
  tools: AccountTools;
  /** The lease that the pool would give for the only account; reads the store as a reload does. */
  lease(): Promise<Lease>;
  /** Stores an account as the command does. @returns its id */
  add(text?: string): Promise<string>;
}

/**
 * Makes a world over a store.
 * @param options `environment`: settings by name; `google`, `clock`: shared with another world; `shelf`: wraps the shelf
 */
export function createAccountWorld(options: {
  store: Store;
  environment?: Record<string, string>;
  google?: SmallGoogle;
  clock?: SimulatedClock;
  wait?: AccountTools["wait"];
  shelf?: (shelf: AccountShelf) => AccountShelf;
}): AccountWorld {
  const { store, google = createSmallGoogle(), clock = createSimulatedClock(start) } = options;
  const { settings, problems } = parseSettings({
    CODE_ASSIST_CLIENT_ID: "client-id.apps.googleusercontent.com",
    CODE_ASSIST_CLIENT_SECRET: "GOCSPX-client-secret-text",
    ...options.environment,
  });
  if (problems.length > 0) throw new Error(problems.map(({ message }) => message).join(" "));
  const random = createSeededRandom(settings.port + worlds++);
  const logger = createKeptLogger();
  const vault = createVault({ masterKeys: [{ id: "k1", key: new Uint8Array(32).fill(1) }], random });
  const plain = createAccountShelf({ store, vault, settings, digest, random });
  const shelf = options.shelf?.(plain) ?? plain;
  const tools: AccountTools = {
    shelf,
    ask: google.ask,
    wait:
      options.wait ??
      (async (ms) => {
        clock.advance(ms);
        return true;
      }),
    clock,
    random,
    logger,
    settings: settings satisfies AccountSettings,
    proxy: () => null,
    agent: "gemini-proxy/0.0.0",
  };
  return {
    clock,
    google,
    logger,
    settings,
    store,
    vault,
    shelf,
    tools,
    keeper: createAccountKeeper(tools),
    async lease() {
      const [credential] = await openCredentials(await store.credentials.list(), { vault, settings, digest, logger });
      if (credential === undefined) throw new Error("There is no account.");
      return leaseOfAccount(credential);
    },
    async add(text = credentialsFile()) {
      const parsed = parseAccount(text);
      if (!parsed.ok) throw new Error(parsed.reason);
      const { tokens, owner } = parsed.account;
      const fingerprint = fingerprintOf(accountKey(parsed.account), digest);
      const id = credentialIdOf(fingerprint);
      const sealed = await vault.seal(writeTokens(tokens), id);
      const facts = { ...unknownAccount, email: owner.email };
      const isNew = await store.credentials.add({
        id,
        name: "ada",
        sealed,
        fingerprint,
        projectId: null,
        weight: 1,
        tier: 0,
        enabled: true,
        createdAt: 1,
        kind: "code-assist",
        account: facts,
      });
      if (!isNew) await store.credentials.update(id, { sealed });
      return id;
    },
  };
}

// --- helpers ---

/** Two worlds on one store are two processes, with names of their own for their locks. */
let worlds = 1;
