/**
 * What is known of quotas: limits, and the use of the present Pacific day.
 * @module
 */
import type { Kysely } from "kysely";
import type { QuotaLimit, QuotaUsage } from "../pool/types.ts";
import type { SqlDriver, SqlValue, WriteGroup } from "./driver.ts";
import { toNumber } from "./numbers.ts";
import type { Database, QuotaLimitTable, QuotaUsageTable } from "./schema.ts";
import type { QuotaChange, Store } from "./types.ts";

/** Limits and uses by project and model. */
export function createQuotaStore(driver: SqlDriver, db: Kysely<Database>): Store["quotas"] {
  const statements = compileStatements(db);
  /** The day of the last uses written. */
  let day = -Infinity;
  return {
    async list() {
      const limits = await db.selectFrom("quota_limits").selectAll().execute();
      const usage = await db.selectFrom("quota_usage").selectAll().execute();
      return { limits: limits.map(fromLimitRow), usage: usage.map(fromUsageRow) };
    },
    async write(changes) {
      if (changes.length === 0) return;
      const { groups, newestDay } = toGroups(statements, changes);
      // Once a day, so that models that nobody calls any more leave nothing behind.
      const hasUses = newestDay > -Infinity;
      if (hasUses && newestDay !== day) groups.push({ sql: statements.endDays, rows: [[newestDay - keptMs]] });
      await driver.writeBatch(groups);
      if (hasUses) day = newestDay;
    },
  };
}

// --- helpers ---

/** Days are over for all projects alike, but while a clock is ahead the present day's uses must not be deleted for it. */
const keptMs = 7 * 86_400_000;

interface Statements {
  setLimit: string;
  dropLimit: string;
  setUsage: string;
  dropUsage: string;
  endDays: string;
}

function compileStatements(db: Kysely<Database>): Statements {
  const blank = <Name extends string>(names: readonly Name[]): never =>
    Object.fromEntries(names.map((name) => [name, null])) as never;
  return {
    setLimit: db
      .insertInto("quota_limits")
      .values(blank(["project_id", "model", "metric", "period", "value", "source", "learned_at"]))
      .onConflict((conflict) =>
        conflict.columns(["project_id", "model", "metric", "period"]).doUpdateSet((expression) => ({
          value: expression.ref("excluded.value"),
          source: expression.ref("excluded.source"),
          learned_at: expression.ref("excluded.learned_at"),
        })),
      )
      .compile().sql,
    dropLimit: db
      .deleteFrom("quota_limits")
      .where("project_id", "=", "")
      .where("model", "=", "")
      .where("metric", "=", "")
      .where("period", "=", "")
      .compile().sql,
    setUsage: db
      .insertInto("quota_usage")
      .values(blank(["project_id", "model", "metric", "period_start", "used"]))
      .onConflict((conflict) =>
        // The last word counts, of whatever day: one written while the clock was ahead must give way to today's.
        conflict.columns(["project_id", "model", "metric"]).doUpdateSet((expression) => ({
          period_start: expression.ref("excluded.period_start"),
          used: expression.ref("excluded.used"),
        })),
      )
      .compile().sql,
    dropUsage: db
      .deleteFrom("quota_usage")
      .where("project_id", "=", "")
      .where("model", "=", "")
      .where("metric", "=", "")
      .compile().sql,
    endDays: db.deleteFrom("quota_usage").where("period_start", "<", 0).compile().sql,
  };
}

/** The last change of each subject, by statement. */
function toGroups(
  statements: Statements,
  changes: readonly QuotaChange[],
): { groups: WriteGroup[]; newestDay: number } {
  const last = new Map<string, QuotaChange>();
  for (const change of changes) last.set(subjectOf(change), change);
  const rows = { setLimit: [], dropLimit: [], setUsage: [], dropUsage: [] } as Record<string, SqlValue[][]>;
  let newestDay = -Infinity;
  for (const change of last.values()) {
    const { projectId, model, metric } = change.value;
    const subject = [projectId, model, metric];
    if (change.kind === "quota-limit") {
      const { window, value, source, learnedAt } = change.value;
      if (change.removed) rows["dropLimit"]?.push([...subject, window]);
      else rows["setLimit"]?.push([...subject, window, value, source, learnedAt]);
    } else if (change.removed) rows["dropUsage"]?.push(subject);
    else {
      const { windowStart, used } = change.value;
      newestDay = Math.max(newestDay, windowStart);
      rows["setUsage"]?.push([...subject, windowStart, used]);
    }
  }
  const groups = (["dropLimit", "setLimit", "dropUsage", "setUsage"] as const).flatMap((name) => {
    const own = rows[name] ?? [];
    return own.length === 0 ? [] : [{ sql: statements[name], rows: own }];
  });
  return { groups, newestDay };
}

function subjectOf(change: QuotaChange): string {
  const { projectId, model, metric } = change.value;
  const window = change.kind === "quota-limit" ? change.value.window : "";
  return JSON.stringify([change.kind, projectId, model, metric, window]);
}

function fromLimitRow(row: QuotaLimitTable): QuotaLimit {
  return {
    projectId: row.project_id,
    model: row.model,
    metric: row.metric as QuotaLimit["metric"],
    window: row.period as QuotaLimit["window"],
    value: toNumber(row.value),
    source: row.source as QuotaLimit["source"],
    learnedAt: toNumber(row.learned_at),
  };
}

function fromUsageRow(row: QuotaUsageTable): QuotaUsage {
  return {
    projectId: row.project_id,
    model: row.model,
    metric: row.metric as QuotaUsage["metric"],
    windowStart: toNumber(row.period_start),
    used: toNumber(row.used),
  };
}
