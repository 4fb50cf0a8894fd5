/**
 * How Code Assist is asked, and how its errors read (fact sheet upstream 7.2, 7.4): `{error}` or a list with one.
 * @module
 */
import type { AccountAnswer, AccountQuestion } from "./ask.ts";
import { failed, type AccountFailure } from "./failures.ts";
import { textOf } from "./tokens.ts";

/** Version of the internal API, as the Gemini CLI uses it. */
const apiVersion = "v1internal";

/** One method of Code Assist. */
export function methodQuestion(options: {
  base: string;
  method: string;
  accessToken: string;
  agent: string;
  body: unknown;
}): AccountQuestion {
  const { base, method, accessToken, agent, body } = options;
  return {
    method: "POST",
    url: `${base}/${apiVersion}:${method}`,
    headers: { ...headersOf(accessToken, agent), "content-type": "application/json" },
    body: JSON.stringify(body),
  };
}

/** Looks after a long-running operation. @param name as Google gave it; null: it cannot be a name */
export function operationQuestion(options: {
  base: string;
  name: string;
  accessToken: string;
  agent: string;
}): AccountQuestion | null {
  const { base, name, accessToken, agent } = options;
  // It becomes a path that our token is sent to.
  if (!/^[\w-]+(?:\/[\w.-]+){0,9}$/.test(name) || name.includes("..")) return null;
  return { method: "GET", url: `${base}/${apiVersion}/${name}`, headers: headersOf(accessToken, agent), body: null };
}

/** An error of Google's, as far as it is one. */
export interface CodeAssistError {
  status: number;
  message: string;
  reasons: readonly string[];
  /** What the owner must open; null: nothing. */
  link: string | null;
}

/** Reads an error's body, whatever it is. */
export function readError({ status, body }: AccountAnswer): CodeAssistError {
  const parsed = parse(body);
  const root = objectOf(Array.isArray(parsed) ? parsed[0] : parsed);
  const error = objectOf(root["error"]);
  const details = Array.isArray(error["details"]) ? error["details"].slice(0, 20).map(objectOf) : [];
  const metadata = details.map((detail) => objectOf(detail["metadata"]));
  const links = details.flatMap((detail) => (Array.isArray(detail["links"]) ? detail["links"].map(objectOf) : []));
  return {
    status,
    message: (textOf(error["message"]) ?? "").slice(0, 500),
    reasons: details.flatMap((detail) => textOf(detail["reason"]) ?? []),
    link:
      [...metadata.flatMap((one) => [one["validation_link"], one["validation_url"]]), ...links.map(({ url }) => url)]
        .map(toLink)
        .find((link) => link !== null) ?? null,
  };
}

/**
 * What an error of discovery, onboarding or quota means for the account. 401 is the caller's business.
 * @param project that was asked for; null: none
 */
export function failureOfError(error: CodeAssistError, project: string | null): AccountFailure {
  const { status, message, reasons, link } = error;
  const said = message === "" ? `Code Assist answered ${status}.` : `Google says: ${message}`;
  const open = link === null ? "" : ` Open ${link}`;
  const owner = (rule: string, advice: string): AccountFailure =>
    failed("owner", rule, `${said}${open} ${advice}`).failure;
  if (status === 401)
    return failed("login", "account.token-refused", `${said} The account's token is refused. Log in again.`).failure;
  if (reasons.includes("ACCESS_TOKEN_SCOPE_INSUFFICIENT"))
    return failed(
      "login",
      "account.login-needed",
      `${said} The account was logged in without the scope cloud-platform. Log in again: 'gemini-proxy accounts login'.`,
    ).failure;
  if (reasons.includes("VALIDATION_REQUIRED"))
    return owner("account.validation-required", "The account's owner must validate it there.");
  if (reasons.includes("SUBSCRIPTION_REQUIRED"))
    return owner("account.no-licence", "An administrator must assign a Code Assist Standard or Enterprise licence.");
  if (status === 403 && project === cloudShell)
    return owner("account.not-eligible", "Cloud Shell's own project cannot be used: set GEMINI_PROJECT_ID to yours.");
  if (status === 403 || status === 404)
    return owner(
      "account.not-eligible",
      project === null
        ? "Set GEMINI_PROJECT_ID to a project that has the Gemini for Google Cloud API enabled."
        : `Check that project '${project}' exists, that the account may use it, and that the Gemini for Google Cloud API is enabled there.`,
    );
  if (status === 400) return owner("account.setup-refused", "Check GEMINI_PROJECT_ID.");
  return failed("passing", "account.code-assist-unreachable", said).failure;
}

/** An address that may be shown as one to open. @returns null: it is none */
export function toLink(value: unknown): string | null {
  return typeof value === "string" && value.length <= 1_000 && /^https:\/\/[\x21-\x7e]+$/.test(value) ? value : null;
}

/** A JSON object; anything else is an empty one. */
export function objectOf(value: unknown): Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : {};
}

/** JSON; undefined when it is none. */
export function parse(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

// --- helpers ---

/** Google's own project for Cloud Shell. */
const cloudShell = "cloudshell-gca";

function headersOf(accessToken: string, agent: string): Record<string, string> {
  return { authorization: `Bearer ${accessToken}`, accept: "application/json", "user-agent": agent };
}
