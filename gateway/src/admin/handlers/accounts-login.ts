/**
 * Logging a Code Assist account in with a browser that may be anywhere: an address to open, and the code that comes back
 * by hand, since no redirect to the person's own machine reaches this one.
 * @module
 */
import type { AccountAnswer, AccountQuestion } from "../../accounts/ask.ts";
import type { AccountFailure } from "../../accounts/failures.ts";
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
import { causeOf } from "../../accounts/refresh.ts";
import { accountKey, type ParsedAccount } from "../../accounts/tokens.ts";
import { toBase64Url } from "../../vault/base64.ts";
import { credentialIdOf, fingerprintOf } from "../../vault/fingerprint.ts";
import { redact } from "../../vault/redact.ts";
import type { AccountLogins, PendingLogin } from "../account-logins.ts";
import { AdminError } from "../admin-errors.ts";
import type { Actor } from "../auth/actor.ts";
import { randomText } from "../auth/secrets.ts";
import type { AdminServices } from "../services.ts";
import type { CredentialRow } from "../views/credential-rows.ts";
import { readAccount } from "../views/account-view.ts";
import { accountsOf } from "./accounts-store.ts";

/** What logging in needs. */
export interface LoginParts {
  actor: Actor;
  logins: AccountLogins;
  services: AdminServices;
}

/**
 * Begins a log-in.
 * @param wanted `credentialId`: the account that must log in again, null: any; `via`: where the browser ends
 * @throws AdminError `unavailable` without an OAuth client, naming the settings, or when too many are under way
 */
export function beginLogin(
  wanted: { credentialId: string | null; via: "code-page" | "address-bar" },
  { actor, logins, services }: LoginParts,
): { url: string; state: string; expiresAt: number } {
  const { random, digest, settings } = services;
  const client = requireClient(services);
  const state = randomText(random);
  const verifier = randomText(random);
  // A port where nothing listens, and that nobody could listen at in advance.
  const port = firstPort + Math.floor(random.next() * ports);
  const redirectUri = wanted.via === "code-page" ? manualRedirect : `http://127.0.0.1:${port}/oauth2callback`;
  const expiresAt = logins.begin(actor, state, { redirectUri, verifier, credentialId: wanted.credentialId });
  if (expiresAt === null)
    throw new AdminError("unavailable", {
      message: "Too many log-ins of accounts are under way.",
      retryAfterSeconds: 60,
    });
  const challenge = toBase64Url(fromHex(digest.sha256(verifier)));
  return { url: authorizeUrl({ settings: settings.current, client, redirectUri, state, challenge }), state, expiresAt };
}

/**
 * Redeems the code.
 * @param given `code`: the code alone, or the whole address that has it
 * @throws AdminError `not_found`, `body_invalid`, `unavailable`; nothing of code or tokens is in it
 */
export async function redeemLogin(
  given: { state: string; code: string },
  { actor, logins, services }: LoginParts,
): Promise<{ account: ParsedAccount; login: PendingLogin }> {
  const accounts = accountsOf(services);
  const { settings, clock } = services;
  const client = requireClient(services);
  const login = logins.attempt(actor, given.state);
  if (login === null)
    throw new AdminError("not_found", {
      message: "There is no such log-in: it ended after ten minutes, was begun by somebody else, or before a restart.",
      next: "Begin again.",
      field: "body.state",
    });
  const code = readCode(given.code, given.state);
  const { redirectUri, verifier } = login;
  const ask = (question: AccountQuestion): Promise<AccountAnswer> => accounts.ask(question);
  const question = codeQuestion({
    settings: settings.current,
    client,
    code,
    redirectUri,
    verifier,
    agent: accounts.agent,
  });
  const answer = await ask(question).catch((error: unknown) => {
    throw new AdminError("unavailable", {
      message: `Google cannot be reached: ${redact(causeOf(error), [code, verifier])}`,
      next: "Check the network and OUTBOUND_PROXY, then send the same code again.",
    });
  });
  const granted = readTokenAnswer(answer);
  if (!granted.ok) throw refusalOf(granted.failure, [code, verifier]);
  const { accessToken, refreshToken, lifeMs, scopes, owner } = granted.value;
  // The code is used up, whatever comes now.
  logins.end(given.state);
  if (refreshToken === null)
    throw new AdminError("body_invalid", {
      message: "Google gave no refresh token, so the account would work for an hour only. Nothing was stored.",
      next: "Take this gateway's access away at https://myaccount.google.com/connections and log in again.",
      field: "body.code",
    });
  const known =
    owner.subject !== null
      ? owner
      : readUserInfo(await ask(userInfoQuestion(settings.current, accessToken, accounts.agent)).catch(() => unknown));
  const tokens = { refreshToken, accessToken, expiresAt: clock.now() + lifeMs, clientId: client.id };
  return { account: { tokens, owner: known, scopes }, login };
}

/**
 * Makes sure that a log-in is of the account that it was begun for.
 * @throws AdminError `conflict`, naming both addresses
 */
export async function checkSameAccount(
  account: ParsedAccount,
  row: CredentialRow,
  services: AdminServices,
): Promise<void> {
  if (credentialIdOf(fingerprintOf(accountKey(account), services.digest)) === row.view.id) return;
  const { email } = await readAccount(row, services);
  const found = account.owner.email;
  // An account that came without its address is taken at the person's word.
  if (email === null || (found !== null && found.toLowerCase() === email.toLowerCase())) return;
  throw new AdminError("conflict", {
    message: `The log-in was of ${found ?? "another account"}, not of ${email}. Nothing was stored.`,
    next: `Log in as ${email}, or add the other one as an account of its own.`,
    field: "body.code",
  });
}

// --- helpers ---

/** The range that IANA leaves to whoever wants a port for a moment. */
const firstPort = 49_152;
const ports = 16_384;
/** Whose it is does not matter for whether it works. */
const unknown: AccountAnswer = { status: 0, body: "" };

function requireClient(services: AdminServices): OauthClient {
  accountsOf(services);
  const client = clientOf(services.settings.current);
  if (client.ok) return client.value;
  throw new AdminError("unavailable", {
    message: client.failure.words,
    next: "Set both and start the gateway again; or add the account by the content of its oauth_creds.json.",
  });
}

/** @throws AdminError `body_invalid` */
function readCode(given: string, state: string): string {
  const wrong = (message: string): AdminError =>
    new AdminError("body_invalid", {
      message,
      next: "Paste the code that Google shows after the log-in, or the whole address of the page that the browser ended at.",
      field: "body.code",
    });
  let code: string | null = given;
  if (/^https?:\/\//i.test(given)) {
    if (!URL.canParse(given)) throw wrong("This is not a whole address.");
    const { searchParams } = new URL(given);
    const refused = searchParams.get("error");
    if (refused !== null) throw wrong(`Google refused the log-in: ${toWord(refused)}.`);
    if (searchParams.has("state") && searchParams.get("state") !== state)
      throw wrong("This address is of another log-in.");
    code = searchParams.get("code");
  } else if (/^[^%]*%2F/i.test(given)) code = decoded(given);
  if (code === null || !/^[\x21-\x7e]{1,2048}$/.test(code)) throw wrong("There is no code in this.");
  return code;
}

function toWord(text: string): string {
  return /^[a-z_]{1,60}$/.test(text) ? text : "no reason given";
}

/** As it stands in an address. */
function decoded(text: string): string | null {
  try {
    return decodeURIComponent(text);
  } catch {
    return null;
  }
}

function refusalOf({ kind, rule, words }: AccountFailure, secrets: readonly string[]): AdminError {
  if (kind === "login" || rule === "account.token-unreadable")
    return new AdminError("body_invalid", {
      message: "Google does not take the code: it was used before, is older than some minutes, or is not whole.",
      next: "Copy it again, or begin the log-in again.",
      field: "body.code",
    });
  const said = redact(words, secrets);
  return kind === "client"
    ? new AdminError("unavailable", { message: said, next: "Check the settings and start the gateway again." })
    : new AdminError("unavailable", { message: said, next: "Try the same code again in a moment." });
}

function fromHex(hex: string): Uint8Array {
  return Uint8Array.from({ length: hex.length / 2 }, (_, index) =>
    Number.parseInt(hex.slice(index * 2, index * 2 + 2), 16),
  );
}
