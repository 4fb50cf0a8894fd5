/**
 * Adding keys in any form that people have them in.
 * @module
 */
import { parseAccount } from "../../accounts/tokens.ts";
import { parseKeys } from "../../settings/keys.ts";
import type { ParsedKeys } from "../../settings/keys.ts";
import type { ParsedKey } from "../../settings/keys-entry.ts";
import { isEnvironmentRow, proxyContext } from "../../settings/stored-keys.ts";
import { isSealedExport, openExportFile } from "../../vault/export-file.ts";
import { credentialIdOf, fingerprintOf } from "../../vault/fingerprint.ts";
import { mask } from "../../vault/redact.ts";
import { AdminError } from "../admin-errors.ts";
import { redactText } from "../audit-detail.ts";
import type { RouteBody, RouteOutput } from "../define-route.ts";
import type { importCredentials } from "../contract/credentials.ts";
import type { AdminServices } from "../services.ts";
import { checkProject, checkQuotaTier, takeEffect, withoutMark } from "./credentials-change.ts";
import { createLineFinder, lineOfPlace } from "./import-lines.ts";
import { allowBaseUrl, allowProxy } from "./upstream-rules.ts";

/** What is wanted. */
export type ImportRequest = RouteBody<typeof importCredentials> & { dryRun: boolean };
/** What came of it. */
export type ImportOutcome = RouteOutput<typeof importCredentials>;

/**
 * Adds keys; what is there already is left as it is.
 * @param wanted validated
 * @throws AdminError `body_invalid` when the text holds no key, or an encrypted export does not open
 */
export async function importKeys(wanted: ImportRequest, services: AdminServices): Promise<ImportOutcome> {
  const { dryRun } = wanted;
  const isSealed = isSealedExport(wanted.text);
  const text = isSealed ? await openSealed(wanted, services) : wanted.text;
  checkLength(text);
  if (parseAccount(text.trim()).ok)
    throw new AdminError("body_invalid", {
      message: "This is a Code Assist account, not a key.",
      next: "Add it with 'Add account', or POST /admin/api/v1/accounts.",
      field: "body.text",
    });
  const parsed = parseKeys(text, { allowInsecure: services.settings.current.allowInsecureUpstream });
  const found = parsed.keys.length + parsed.rejected.length;
  if (found === 0)
    throw new AdminError("body_invalid", {
      message: "There is no key in the text.",
      field: "body.text",
      next: "Give one key a line, CSV with a head line (name,api_key), JSON, or an export file.",
    });
  const shared = sharedFacts(wanted);
  const { allowed, refused } = sortOut(parsed.keys, services);
  const added = await addKeys(
    allowed.map((key) => ({ ...shared, ...key })),
    { services, dryRun },
  );
  const shown = isSealed ? null : text;
  const entries = [...added.map(toEntry(shown)), ...refused.map(toRefusal(shown)), ...refusals(parsed, isSealed)];
  // As they stand in the text; those whose line nobody knows come last.
  if (!isSealed) entries.sort((a, b) => (a.line ?? mostLines) - (b.line ?? mostLines));
  const count = added.filter(({ isNew }) => isNew).length;
  return {
    dryRun,
    added: count,
    duplicates: added.length - count + parsed.duplicates.length,
    rejected: parsed.rejected.length + refused.length,
    entries: entries.slice(0, mostEntries),
  };
}

// --- helpers ---

type Entry = ImportOutcome["entries"][number];

const mostEntries = 10_000;
/** Beyond every line of a text. */
const mostLines = Number.MAX_SAFE_INTEGER;
const sliceLength = 50;

interface Added {
  key: ParsedKey;
  id: string;
  isNew: boolean;
  name: string;
}

async function openSealed(wanted: ImportRequest, services: AdminServices): Promise<string> {
  if (wanted.passphrase === undefined)
    throw new AdminError("body_invalid", {
      message: "This is an encrypted export: it needs its passphrase.",
      field: "body.passphrase",
      next: "Send the passphrase that it was exported with.",
    });
  try {
    return await openExportFile(wanted.text, wanted.passphrase, services.random);
  } catch {
    throw new AdminError("body_invalid", {
      message: "The encrypted export does not open.",
      field: "body.passphrase",
      next: "Check the passphrase; the file must be as it was exported.",
    });
  }
}

/** The parser takes 4 µs for each piece of a text, and calls wait for it. */
const mostPieces = 300_000;

/** @throws AdminError `body_invalid` */
function checkLength(text: string): void {
  let pieces = 0;
  for (let index = 0; index < text.length && pieces <= mostPieces; index++)
    if (separators.includes(text.charAt(index))) pieces++;
  if (pieces > mostPieces)
    throw new AdminError("body_invalid", {
      message: `The text has more than ${mostPieces} lines and columns.`,
      field: "body.text",
      next: "Import it in parts.",
    });
}

const separators = ",;|\t\r\n";

/** Keys that the command line would take, and the dashboard does not: see upstream-rules. */
function sortOut(
  keys: readonly ParsedKey[],
  services: AdminServices,
): { allowed: ParsedKey[]; refused: { key: ParsedKey; reason: string }[] } {
  const settings = services.settings.current;
  const allowed: ParsedKey[] = [];
  const refused: { key: ParsedKey; reason: string }[] = [];
  for (const key of keys) {
    const base = key.baseUrl === undefined ? null : allowBaseUrl(key.baseUrl, settings);
    const proxy = key.proxy === undefined ? null : allowProxy(key.proxy, settings);
    // Columns that were mixed up: names and projects are shown everywhere.
    if (holdsSecret(key.projectId)) refused.push({ key, reason: "has a key where its project should stand" });
    else if (base?.ok === false) refused.push({ key, reason: `has a wrong base URL: expected ${base.expected}` });
    else if (proxy?.ok === false) refused.push({ key, reason: `has a wrong proxy: expected ${proxy.expected}` });
    else allowed.push(holdsSecret(key.name) ? { ...key, name: null } : key);
  }
  return { allowed, refused };
}

function holdsSecret(text: string | null | undefined): boolean {
  return text != null && redactText(text) !== text;
}

/** What holds for entries that say nothing else. */
function sharedFacts(wanted: ImportRequest): Partial<ParsedKey> {
  const shared: Partial<ParsedKey> = {};
  const projectId = wanted.projectId === undefined ? null : checkProject(wanted.projectId, null);
  const quotaTier = wanted.quotaTier === undefined ? null : checkQuotaTier(wanted.quotaTier);
  if (projectId !== null) shared.projectId = projectId;
  if (quotaTier !== null) shared.quotaTier = quotaTier;
  if (wanted.tier !== undefined) shared.tier = wanted.tier;
  if (wanted.weight !== undefined) shared.weight = wanted.weight;
  return shared;
}

async function addKeys(
  keys: readonly ParsedKey[],
  options: { services: AdminServices; dryRun: boolean },
): Promise<Added[]> {
  const { services, dryRun } = options;
  const { store, vault, digest, clock } = services;
  const rows = await store.credentials.list();
  // What is left of a key that has gone from the environment is no key: it makes room for the real one.
  const [left, whole] = [rows.filter(isEnvironmentRow), rows.filter((row) => !isEnvironmentRow(row))];
  const leftovers = new Set(left.map(({ id }) => id));
  const byFingerprint = new Map(whole.map((row) => [row.fingerprint, row.name]));
  // A key of the environment is in use already; a stored twin would only hide that.
  for (const { secret, name } of services.settings.current.credentials)
    byFingerprint.set(fingerprintOf(secret, digest), name);
  const takeName = createNames([...rows.map((row) => row.name), ...byFingerprint.values()]);
  const outcomes: Added[] = [];
  for (const key of keys) {
    const fingerprint = fingerprintOf(key.secret, digest);
    const id = credentialIdOf(fingerprint);
    const twin = byFingerprint.get(fingerprint);
    if (twin !== undefined) {
      outcomes.push({ key, id, isNew: false, name: twin });
      continue;
    }
    const name = takeName(key.name);
    if (!dryRun && leftovers.has(id)) await store.credentials.remove(id);
    const isNew =
      dryRun ||
      // Another process may have added it since the list was read: the store decides.
      (await store.credentials.add({
        id,
        name,
        sealed: await vault.seal(key.secret, id),
        fingerprint,
        projectId: key.projectId ?? null,
        weight: key.weight ?? 1,
        tier: key.tier ?? 0,
        enabled: key.enabled ?? true,
        createdAt: clock.now(),
        baseUrl: key.baseUrl ?? null,
        sealedProxy: key.proxy === undefined ? null : await vault.seal(key.proxy, proxyContext(id)),
        quotaTier: key.quotaTier ?? null,
      }));
    outcomes.push({ key, id, isNew, name });
    if (outcomes.length % sliceLength === 0) await services.breathe();
  }
  if (!dryRun && outcomes.some(({ isNew }) => isNew)) await takeEffect(services);
  return outcomes;
}

/** Gives names that nobody has: `work`, `work-2`, …; `key-7` where none is wanted. */
function createNames(known: readonly string[]): (wanted: string | null) => string {
  const taken = new Set(known);
  // The number that was free last: ten thousand keys of one name are not counted through from 2 each.
  const next = new Map<string, number>();
  return (given) => {
    const wanted = given === null ? `key-${taken.size + 1}` : withoutMark(given);
    let name = wanted;
    let number = next.get(wanted) ?? 2;
    for (; taken.has(name); number++) name = `${wanted}-${number}`;
    next.set(wanted, number);
    taken.add(name);
    return name;
  };
}

function toEntry(text: string | null): (added: Added) => Entry {
  const lineOf = text === null ? () => null : createLineFinder(text);
  return ({ key, id, isNew, name }) => ({
    status: isNew ? "added" : "duplicate",
    name,
    masked: mask(key.secret),
    id,
    reason: isNew ? null : `is here already as '${name}'`,
    line: lineOf(key.secret),
  });
}

function toRefusal(text: string | null): (refused: { key: ParsedKey; reason: string }) => Entry {
  const lineOf = text === null ? () => null : createLineFinder(text);
  return ({ key, reason }) => ({
    status: "rejected",
    name: holdsSecret(key.name) ? "…" : (key.name ?? "…"),
    masked: mask(key.secret),
    id: null,
    reason,
    line: lineOf(key.secret),
  });
}

function refusals({ duplicates, rejected }: ParsedKeys, isSealed: boolean): Entry[] {
  const line = (place: string): number | null => (isSealed ? null : lineOfPlace(place));
  const shown = { masked: "…", id: null };
  return [
    ...duplicates.map(({ place, first }): Entry => {
      const reason = `is the same key as ${first}`;
      return { ...shown, status: "duplicate", name: place, reason, line: line(place) };
    }),
    ...rejected.map(({ place, reason }): Entry => {
      return { ...shown, status: "rejected", name: place, reason, line: line(place) };
    }),
  ];
}
