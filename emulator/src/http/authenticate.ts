/** @module Who is calling, and the refusals of the authentication matrix (fact sheet upstream 2.1). */

import type { IncomingHttpHeaders } from "node:http";

import type { ErrorName } from "../errors/error-names.ts";
import type { KnownKey, Projects } from "../state/projects.ts";
import type { CredentialPlace, KeyState, ProjectState } from "../types.ts";
import type { Route } from "./call.ts";
import type { ModelOperation } from "./route.ts";

/** What a request presents. */
export interface Credential {
  place: CredentialPlace;
  /** The first one found, for the record; null without any. */
  key: string | null;
  known: KnownKey | undefined;
}

/** Collects the credential of a request; no judgement yet. */
export function findCredential(headers: IncomingHttpHeaders, query: URLSearchParams, projects: Projects): Credential {
  const header = headers["x-goog-api-key"];
  const bearer = /^Bearer\s+(.+)$/i.exec(headers.authorization ?? "")?.[1];
  const found = [
    ["header", typeof header === "string" && header !== "" ? header : null],
    ["query", query.get("key")],
    ["bearer", bearer ?? null],
    ["token", findToken(headers, query)],
  ].filter((entry): entry is [CredentialPlace, string] => entry[1] !== null);
  const [first] = found;
  if (!first) return { place: "none", key: null, known: undefined };
  const place = found.length > 1 || query.getAll("key").length > 1 ? "several" : first[0];
  return { place, key: first[1], known: projects.find(first[1]) };
}

/** The name of the refusal that a credential meets at a route, or null when it passes. */
export function judgeCredential(credential: Credential, { surface, operation, free }: Route): ErrorName | null {
  const { place, key, known } = credential;
  if (place === "several") return "multiple-credentials";
  // Ephemeral tokens open Live sessions and nothing else (fact sheet upstream 9).
  if (place === "token" || key?.startsWith("auth_tokens/")) return "auth-key-invalid";
  if (surface === "openai") {
    if (place !== "bearer") return "openai-credentials-missing";
    if (!known || known.state === "invalid") return "openai-key-invalid";
  } else {
    if (place === "none") return "credentials-missing";
    if (place === "bearer") return key?.startsWith("AQ.") ? "bearer-key" : "auth-key-invalid";
    if (!known || known.state === "invalid") return key?.startsWith("AQ.") ? "auth-key-invalid" : "api-key-invalid";
  }
  const refused = KEY_ERRORS[known.state] ?? PROJECT_ERRORS[known.project.state ?? "active"];
  // Who cannot pay can still look at what is on offer.
  return refused && BILLING.has(refused) && (free || FREE_OPERATIONS.has(operation)) ? null : refused;
}

// --- helpers ---

function findToken(headers: IncomingHttpHeaders, query: URLSearchParams): string | null {
  return /^Token\s+(.+)$/i.exec(headers.authorization ?? "")?.[1] ?? query.get("access_token");
}

const KEY_ERRORS: Record<KeyState, ErrorName | null> = {
  active: null,
  invalid: "api-key-invalid",
  expired: "api-key-expired",
  leaked: "api-key-leaked",
  suspended: "api-key-suspended",
  restricted: "api-key-service-blocked",
  "referrer-blocked": "api-key-referrer-blocked",
  "ip-blocked": "api-key-ip-blocked",
};

const BILLING = new Set<ErrorName>(["prepaid-depleted", "spending-cap", "billing-spending-cap"]);

const FREE_OPERATIONS = new Set<string>([
  "listModels",
  "getModel",
  "countTokens",
  "openaiListModels",
  "openaiGetModel",
] satisfies ModelOperation[]);

const PROJECT_ERRORS: Record<ProjectState, ErrorName | null> = {
  active: null,
  "service-disabled": "service-disabled",
  denied: "project-denied",
  "prepaid-depleted": "prepaid-depleted",
  "spending-cap": "spending-cap",
  "billing-spending-cap": "billing-spending-cap",
  "location-unsupported": "location-unsupported",
};
