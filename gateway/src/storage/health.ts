/**
 * What must be known of the pool's health after a restart.
 * @module
 */
import type { CompiledQuery, Kysely } from "kysely";
import type { Cooldown, Disabled } from "../pool/types.ts";
import type { SqlDriver, SqlValue, WriteGroup } from "./driver.ts";
import { toNumber, toNumberOrNull } from "./numbers.ts";
import type { CooldownTable, Database, DisabledTable } from "./schema.ts";
import type { HealthChange, Store } from "./types.ts";

/** Cooldowns and automatic disables. */
export function createHealthStore(driver: SqlDriver, db: Kysely<Database>): Store["health"] {
  return {
    async list() {
      const cooldowns = await db.selectFrom("cooldowns").selectAll().execute();
      const disabled = await db.selectFrom("disabled").selectAll().execute();
      return { cooldowns: cooldowns.map(fromCooldownRow), disabled: disabled.map(fromDisabledRow) };
    },
    async write(changes) {
      if (changes.length > 0) await driver.writeBatch(changes.map((change) => toGroup(toQuery(db, change))));
    },
  };
}

// --- helpers ---

function toGroup(query: CompiledQuery): WriteGroup {
  return { sql: query.sql, rows: [query.parameters as SqlValue[]] };
}

function toQuery(db: Kysely<Database>, change: HealthChange): CompiledQuery {
  if (change.kind === "cooldown") {
    const { scope, subject, model } = change.value;
    if (change.removed) {
      return db
        .deleteFrom("cooldowns")
        .where("scope", "=", scope)
        .where("subject", "=", subject)
        .where("model", "=", model)
        .compile();
    }
    const { untilMs, sinceMs, cause, rule, words } = change.value;
    const facts = { until_ms: untilMs, since_ms: sinceMs, cause, rule, words };
    return db
      .insertInto("cooldowns")
      .values({ scope, subject, model, ...facts })
      .onConflict((conflict) => conflict.columns(["scope", "subject", "model"]).doUpdateSet(facts))
      .compile();
  }
  const { scope, subject } = change.value;
  if (change.removed)
    return db.deleteFrom("disabled").where("scope", "=", scope).where("subject", "=", subject).compile();
  const { reason, sinceMs, probeAtMs, rule, words } = change.value;
  const facts = { reason, since_ms: sinceMs, probe_at_ms: probeAtMs, rule, words };
  return db
    .insertInto("disabled")
    .values({ scope, subject, ...facts })
    .onConflict((conflict) => conflict.columns(["scope", "subject"]).doUpdateSet(facts))
    .compile();
}

function fromCooldownRow(row: CooldownTable): Cooldown {
  return {
    scope: row.scope as Cooldown["scope"],
    subject: row.subject,
    model: row.model,
    untilMs: toNumber(row.until_ms),
    sinceMs: toNumber(row.since_ms),
    cause: row.cause as Cooldown["cause"],
    rule: row.rule,
    words: row.words,
  };
}

function fromDisabledRow(row: DisabledTable): Disabled {
  return {
    scope: row.scope as Disabled["scope"],
    subject: row.subject,
    reason: row.reason as Disabled["reason"],
    sinceMs: toNumber(row.since_ms),
    probeAtMs: toNumberOrNull(row.probe_at_ms),
    rule: row.rule,
    words: row.words,
  };
}
