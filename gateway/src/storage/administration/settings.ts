/**
 * Settings that were stored by an operator, as text.
 * @module
 */
import type { Kysely } from "kysely";
import type { SqlDriver, WriteGroup } from "../driver.ts";
import type { Database } from "../schema.ts";
import type { AdministrationStore } from "../types-administration.ts";

/** Stored settings by name. */
export function createSettingStore(driver: SqlDriver, db: Kysely<Database>): AdministrationStore["settings"] {
  const remove = db.deleteFrom("stored_settings").where("name", "=", "").compile().sql;
  const upsert = db
    .insertInto("stored_settings")
    .values({ name: "", value: "" })
    .onConflict((conflict) =>
      conflict.column("name").doUpdateSet((expression) => ({ value: expression.ref("excluded.value") })),
    )
    .compile().sql;
  return {
    async list() {
      const rows = await db.selectFrom("stored_settings").selectAll().orderBy("name").execute();
      return Object.fromEntries(rows.map(({ name, value }) => [name, value]));
    },
    async write(changes) {
      const groups: WriteGroup[] = Object.entries(changes).map(([name, value]) =>
        value === null ? { sql: remove, rows: [[name]] } : { sql: upsert, rows: [[name, value]] },
      );
      if (groups.length > 0) await driver.writeBatch(groups);
    },
  };
}
