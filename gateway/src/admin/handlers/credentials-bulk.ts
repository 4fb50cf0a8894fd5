/**
 * The same change to many credentials.
 * @module
 */
import type * as z from "zod";
import { AdminError } from "../admin-errors.ts";
import type { RouteOutput } from "../define-route.ts";
import type { changeCredentials } from "../contract/credentials.ts";
import type { bulkBody } from "../schemas/credentials.ts";
import type { AdminServices } from "../services.ts";
import { factsOf, forgetRows, isOfEnvironment, readRows } from "../views/credential-rows.ts";
import type { CredentialRow } from "../views/credential-rows.ts";
import { outsideLink } from "../views/outside-link.ts";
import { checkAccount, type Check } from "./accounts-check.ts";
import { checkProject, storeChange, takeEffect } from "./credentials-change.ts";

/** Checks under way at once. */
const checksAtOnce = 8;
/** Checks in one request: each may take as long as a time-out. */
const mostChecks = 1_000;

/** What is wanted. */
export type BulkRequest = z.output<typeof bulkBody>;
/** What came of it. */
export type BulkOutcome = RouteOutput<typeof changeCredentials>;

/**
 * Does it; ids that are not there or cannot be changed are told, and do not keep the others from it.
 * @param wanted validated
 * @param signal aborts when the asker leaves: checks that have not begun are left out then
 * @throws AdminError `body_invalid`
 */
export async function changeMany(
  wanted: BulkRequest,
  services: AdminServices,
  signal: AbortSignal,
): Promise<BulkOutcome> {
  const { action, dryRun } = wanted;
  const projectId = projectOf(wanted);
  const ids = [...new Set(wanted.ids)];
  if (action === "check" && ids.length > mostChecks)
    throw new AdminError("body_invalid", {
      message: `At most ${mostChecks} credentials can be checked in one request.`,
      field: "body.ids",
      next: "Check them in parts.",
    });
  const byId = new Map((await readRows(services)).map((row) => [row.view.id, row]));
  const results: BulkOutcome["results"] = [];
  const able: CredentialRow[] = [];
  for (const id of ids) {
    const row = byId.get(id);
    const refusal = row === undefined ? "not_found" : refusalOf(row, action);
    if (row !== undefined && refusal === null) able.push(row);
    else results.push({ id, status: refusal ?? "not_found", words: null });
  }
  const chosen = able.filter((row) => changes(row, action, projectId));
  if (dryRun) return { dryRun, changed: action === "check" ? 0 : chosen.length, results };

  if (action === "check") {
    await checkMany(chosen, { services, signal, told: (result) => results.push(result) });
    return { dryRun, changed: 0, results };
  }
  let done = 0;
  try {
    for (const row of chosen) {
      if (action === "reset") services.pool.reset(row.view.id);
      else if (action === "remove") await services.store.credentials.remove(row.view.id);
      else await storeChange(row, isSwitch(action) ? { enabled: action === "enable" } : { projectId }, services);
      if (++done % sliceLength === 0) await services.breathe();
    }
  } finally {
    // Also what was done before one failed: a key that leaked and is stored as disabled must not go on serving calls.
    if (action === "reset") forgetRows(services);
    else if (done > 0) await takeEffect(services, action === "enable" ? chosen.slice(0, done) : []);
  }
  return { dryRun, changed: chosen.length, results };
}

/** Asks Google about one credential. It changes nothing about a key; an account that is in order is used again. */
export async function checkOne(row: CredentialRow, services: AdminServices): Promise<Check> {
  if (row.kind === "code-assist") return checkAccount(row, services);
  const { id } = row.view;
  const check = await services.checkKey(id);
  return { id, ...check, outside: outsideLink(check.words), account: null, putBack: false };
}

// --- helpers ---

type Action = BulkRequest["action"];

const sliceLength = 100;

function isSwitch(action: Action): boolean {
  return action === "enable" || action === "disable";
}

function projectOf({ action, projectId }: BulkRequest): string | null {
  if (action !== "group") return null;
  if (projectId === undefined)
    throw new AdminError("body_invalid", { message: "'group' needs a project.", field: "body.projectId" });
  return checkProject(projectId, null);
}

function refusalOf(row: CredentialRow, action: Action): string | null {
  if (action === "remove" && isOfEnvironment(row)) return "source_environment";
  if (action === "ungroup" && (row.configured?.projectId ?? null) !== null) return "source_environment";
  return null;
}

/** Whether it would not stay as it is. */
function changes(row: CredentialRow, action: Action, projectId: string | null): boolean {
  switch (action) {
    case "enable":
      return !factsOf(row).enabled || row.view.disabled !== null;
    case "disable":
      return factsOf(row).enabled;
    case "reset":
      return row.view.disabled !== null || row.view.cooldowns.length > 0;
    case "group":
    case "ungroup":
      return factsOf(row).projectId !== projectId;
    case "check":
    case "remove":
      return true;
  }
}

async function checkMany(
  rows: readonly CredentialRow[],
  parts: { services: AdminServices; signal: AbortSignal; told: (result: BulkOutcome["results"][number]) => void },
): Promise<void> {
  const { services, signal, told } = parts;
  const waiting = [...rows];
  const work = async (): Promise<void> => {
    for (let row = waiting.shift(); row !== undefined && !signal.aborted; row = waiting.shift()) {
      const { id } = row.view;
      try {
        const { result, words } = await checkOne(row, services);
        told({ id, status: result, words });
      } catch {
        told({ id, status: "unreachable", words: "It could not be asked." });
      }
    }
  };
  await Promise.all(Array.from({ length: checksAtOnce }, work));
}
