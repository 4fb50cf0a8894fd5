/**
 * Own migration runner: the statements of a migration run with its mark in one atomic batch, which every driver has.
 * (Kysely's Migrator wants SQL transactions, which D1 and Durable Objects do not have: fact sheet libraries 4.2.)
 * @module
 */
import type { Kysely } from "kysely";
import { sql } from "kysely";
import type { SqlDriver } from "./driver.ts";
import { first } from "./migrations/0001-first.ts";
import { resourcesAndQuotas } from "./migrations/0002-resources-and-quotas.ts";
import { administration } from "./migrations/0003-administration.ts";
import { rollups } from "./migrations/0004-rollups.ts";
import { accounts } from "./migrations/0005-accounts.ts";
import { responses } from "./migrations/0006-responses.ts";
import type { Migration } from "./migrations/types.ts";
import type { Database } from "./schema.ts";

/** The whole history. */
const history: readonly Migration[] = [first, resourcesAndQuotas, administration, rollups, accounts, responses];

/**
 * Brings the database to this version's schema. Two processes may do so at once: the later one finds the work done.
 * @returns names of the migrations that were applied now
 * @throws Error when the database was made by a newer version, or a statement fails
 */
export async function migrate(
  driver: SqlDriver,
  db: Kysely<Database>,
  steps: readonly Migration[] = history,
): Promise<string[]> {
  await driver.writeBatch([
    { sql: `create table if not exists schema_migrations (name text primary key not null)`, rows: [[]] },
  ]);
  let done = await readMarks(db);
  const unknown = [...done].find((name) => !steps.some((step) => step.name === name));
  if (unknown !== undefined) {
    throw new Error(
      `The database has the schema '${unknown}' of a newer gemini-proxy. Start that version, or use another data directory.`,
    );
  }
  const applied: string[] = [];
  for (const step of steps) {
    if (done.has(step.name)) continue;
    const statements = step.up(driver.flavour).map((statement) => ({ sql: statement, rows: [[]] }));
    const mark = sql`insert into schema_migrations (name) values (${step.name})`.compile(db);
    try {
      await driver.writeBatch([...statements, { sql: mark.sql, rows: [[step.name]] }]);
      applied.push(step.name);
    } catch (error) {
      done = await readMarks(db);
      if (!done.has(step.name)) throw error;
    }
  }
  return applied;
}

// --- helpers ---

async function readMarks(db: Kysely<Database>): Promise<Set<string>> {
  const { rows } = await sql<{ name: string }>`select name from schema_migrations`.execute(db);
  return new Set(rows.map((row) => row.name));
}
