/**
 * The pool's matrix: credentials by model.
 * @module
 */
import type * as z from "zod";
import type { CooldownCause } from "../../core/verdict.ts";
import type { cellSchema, matrixRowSchema } from "../schemas/credentials.ts";
import type { AdminServices } from "../services.ts";
import { factsOf } from "./credential-rows.ts";
import type { CredentialRow } from "./credential-rows.ts";
import { toTime } from "./credential-view.ts";
import type { QuotaBook, QuotaRow } from "./quota-rows.ts";

/** One credential and one model. */
export type Cell = z.output<typeof cellSchema>;
/** One credential and all columns. */
export type MatrixRow = z.output<typeof matrixRowSchema>;

/** Columns at most. */
const mostColumns = 50;

/** Models with a limit, a cooldown or calls of the last day; the most used first. */
export async function readColumns(
  services: AdminServices,
  rows: readonly CredentialRow[],
  quotas: QuotaBook,
): Promise<string[]> {
  const calls = await readModelCalls(services);
  const models = new Set([...calls.keys(), ...quotas.models]);
  for (const { view } of rows) for (const { model } of view.cooldowns) models.add(model);
  models.delete("");
  return [...models]
    .toSorted((a, b) => (calls.get(b) ?? 0) - (calls.get(a) ?? 0) || (a < b ? -1 : 1))
    .slice(0, mostColumns);
}

/**
 * A row of the matrix.
 * @param parts `models`: the columns
 */
export function toMatrixRow(
  row: CredentialRow,
  parts: { models: readonly string[]; masked: string; quotas: QuotaBook },
): MatrixRow {
  const { view } = row;
  const limits = new Map<string, QuotaRow[]>();
  for (const quota of parts.quotas.ofProject(view.projectId))
    limits.set(quota.model, [...(limits.get(quota.model) ?? []), quota]);
  const cells: Cell[] = [];
  for (const model of parts.models) {
    const cell = toCell(row, model, limits.get(model) ?? []);
    if (cell.state !== "ok" || cell.quotas.length > 0) cells.push(cell);
  }
  return {
    id: view.id,
    name: view.name,
    kind: row.kind,
    masked: parts.masked,
    projectId: view.projectId,
    tier: view.tier,
    state: view.state,
    enabled: factsOf(row).enabled,
    inFlight: view.inFlight,
    uses: view.uses,
    ...wholeRest(row),
    cells,
  };
}

/**
 * How one credential stands with one model.
 * @param limits of its project for the model
 */
export function toCell(row: CredentialRow, model: string, limits: readonly QuotaRow[]): Cell {
  const { view } = row;
  const quotas = limits.map(({ metric, window, value, used, source }) => ({ metric, window, value, used, source }));
  const cell = (state: Cell["state"], untilMs: number | null = null, cause: string | null = null): Cell => ({
    model,
    state,
    untilMs: untilMs === null ? null : toTime(untilMs),
    cause,
    quotas,
  });
  if (view.state === "off") return cell("off");
  if (view.disabled !== null) return cell("disabled", view.disabled.probeAtMs, view.disabled.reason);
  const zero = limits.some(({ value }) => value === 0);
  const rest = lastOf(view.cooldowns.filter((cooldown) => isWhole(cooldown) || cooldown.model === model));
  const full = limits.filter((limit) => limit.value > 0 && limit.roomAtMs !== null);
  const fullUntil = Math.max(0, ...full.map(({ roomAtMs }) => roomAtMs ?? 0));
  if (zero) return cell("unavailable", null, "no-quota");
  if (rest !== null && rest.untilMs >= fullUntil) return cell("cooling", rest.untilMs, rest.cause);
  if (fullUntil > 0) {
    const isDay = full.some(({ window }) => window === "day");
    const cause: CooldownCause = isDay ? "day-quota" : "minute-quota";
    return cell("full", fullUntil, cause);
  }
  // For which model it comes back the pool does not say; while one rests, it is that one.
  return cell(view.recovering && view.cooldowns.length === 0 ? "recovering" : "ok");
}

// --- helpers ---

const dayMs = 86_400_000;
const callsKeptMs = 5_000;
const modelCalls = new WeakMap<AdminServices, { at: number; calls: Promise<Map<string, number>> }>();

/** Calls of the last day by model. */
async function readModelCalls(services: AdminServices): Promise<Map<string, number>> {
  const at = services.clock.monotonic();
  const known = modelCalls.get(services);
  if (known !== undefined && at - known.at < callsKeptMs) return known.calls;
  const now = services.clock.now();
  const calls = services.analytics
    .sums({ dimension: "model", key: null }, { fromMs: now - dayMs, toMs: now })
    .then((sums) => new Map([...sums].map(([model, sum]) => [model, sum.calls])));
  modelCalls.set(services, { at, calls });
  calls.catch(() => modelCalls.delete(services));
  return calls;
}

/** Why it serves no model at all, and until when. */
function wholeRest({ view }: CredentialRow): { reason: string | null; untilMs: number | null } {
  if (view.state === "off") return { reason: "off", untilMs: null };
  if (view.disabled !== null) {
    const { probeAtMs } = view.disabled;
    return {
      reason: view.disabled.reason,
      untilMs: probeAtMs === null || !Number.isFinite(probeAtMs) ? null : toTime(probeAtMs),
    };
  }
  const rest = lastOf(view.cooldowns.filter(isWhole));
  return rest === null ? { reason: null, untilMs: null } : { reason: rest.cause, untilMs: toTime(rest.untilMs) };
}

/** Whether it rests for every model. A rest for calls that concern none has an empty model, too. */
function isWhole({ scope }: CredentialRow["view"]["cooldowns"][number]): boolean {
  return scope === "credential" || scope === "project";
}

/** The one that ends last. */
function lastOf<Rest extends { untilMs: number }>(rests: readonly Rest[]): Rest | null {
  let last: Rest | null = null;
  for (const rest of rests) if (last === null || rest.untilMs > last.untilMs) last = rest;
  return last;
}
