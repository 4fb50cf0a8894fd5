/**
 * A world for the admin API's accounts: real services over a real store, and the emulator for Google.
 * @module
 */
import { createHash } from "node:crypto";
import { startEmulator, type Emulator } from "../../../emulator/src/emulator.ts";
import type { AccountConfig } from "../../../emulator/src/accounts/types.ts";
import type { Implementation } from "../admin/implement.ts";
import { createAccountFetch } from "../hosts/accounts/account-fetch.ts";
import { createAccountShelf } from "../hosts/accounts/account-shelf.ts";
import { createAccounts } from "../hosts/accounts/create-accounts.ts";
import { createAccountsControl } from "../hosts/administration/accounts-control.ts";
import { createAdminWorld, type AdminWorld } from "./admin-world.ts";

/** The world with its Google. */
export interface AccountsWorld extends AdminWorld {
  google: Emulator;
  /** Opens an address as a browser does whose person agrees, and gives the address that it is sent to. */
  agree(url: string, email?: string): Promise<URL>;
}

/** The OAuth client's secret. */
const clientSecret = "emulator-secret-of-the-client";

/** The refresh token of an account of this name. */
export function refreshTokenOf(name: string): string {
  return `1//${name}-refresh-token-0000001`;
}

/** An account of the emulator: `ada` is ada@example.com. */
export function accountOf(name: string, more: Partial<AccountConfig> = {}): AccountConfig {
  return { email: `${name}@example.com`, refreshToken: refreshTokenOf(name), project: `${name}-project`, ...more };
}

/** What another program's log-in of that account left. */
export function fileOf(name: string, more: Record<string, unknown> = {}): string {
  const part = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString("base64url");
  const claims = { sub: `subject-of-${name}`, email: `${name}@example.com` };
  return JSON.stringify({
    access_token: `ya29.${name}-first-access-token`,
    refresh_token: refreshTokenOf(name),
    scope: "openid https://www.googleapis.com/auth/cloud-platform",
    token_type: "Bearer",
    id_token: `${part({ alg: "RS256" })}.${part(claims)}.c2lnbmF0dXJl`,
    expiry_date: 1,
    ...more,
  });
}

/**
 * Makes one. Every token that is given, granted or seen is a secret that no answer may hold.
 * @param options `accounts`: of the emulator; `environment`: more settings
 */
export async function createAccountsWorld(options: {
  accounts: readonly AccountConfig[];
  environment?: Readonly<Record<string, string>>;
  implementations?: readonly Implementation[];
}): Promise<AccountsWorld> {
  const { accounts, environment = {}, ...rest } = options;
  let now = (): number => 0;
  const google = await startEmulator({
    accounts: [...accounts],
    oauthClient: { id: "emulator-client", secret: clientSecret },
    now: () => now(),
  });
  const given = [clientSecret, ...accounts.map(({ refreshToken }) => refreshToken)];
  let keepSecret = (token: string): void => void given.push(token);
  const plain = createAccountFetch();
  let stop = async (): Promise<void> => undefined;
  const world = await createAdminWorld({
    ...rest,
    environment: {
      CODE_ASSIST_BASE_URL: google.url,
      GOOGLE_OAUTH_BASE_URL: google.url,
      CODE_ASSIST_CLIENT_ID: "emulator-client",
      CODE_ASSIST_CLIENT_SECRET: clientSecret,
      ...environment,
    },
    accounts({ store, state, vault, settings, clock, random, logger }) {
      now = () => clock.now();
      const ask: typeof plain = async (question) => {
        const answer = await plain(question);
        // What Google hands out is as secret as what it is given.
        for (const [token] of answer.body.matchAll(/ya29\.[\w.-]+|1\/\/[\w-]+|eyJ[\w.-]+/g)) keepSecret(token);
        return answer;
      };
      const made = createAccounts({
        shelf: createAccountShelf({ store, vault, settings, digest, random }),
        ask,
        settings,
        clock,
        random,
        logger,
      });
      stop = () => made.close();
      return createAccountsControl({
        accounts: made,
        ask,
        settings,
        digest,
        credential: (id) => state.credential(id),
      });
    },
  });
  for (const secret of given) world.secrets.add(secret);
  keepSecret = (token) => void world.secrets.add(token);
  return {
    ...world,
    google,
    async agree(url, email) {
      const address = new URL(url);
      if (email !== undefined) address.searchParams.set("login_hint", email);
      const answer = await fetch(address, { redirect: "manual" });
      await answer.body?.cancel();
      const sent = new URL(answer.headers.get("location") ?? "about:blank");
      const code = sent.searchParams.get("code");
      if (code !== null) world.secrets.add(code);
      return sent;
    },
    async close() {
      await stop();
      await world.close();
      await google.close();
    },
  };
}

// --- helpers ---

const digest = { sha256: (text: string): string => createHash("sha256").update(text).digest("hex") };
