/**
 * What a migration of the schema is.
 * @module
 */
import type { SqlDriver } from "../driver.ts";

/** One step of the schema's history. Never changed once published: databases out there went through it. */
export interface Migration {
  /** Sorts in the order of application. */
  name: string;
  /** The statements, without parameters. */
  up(flavour: SqlDriver["flavour"]): string[];
}
