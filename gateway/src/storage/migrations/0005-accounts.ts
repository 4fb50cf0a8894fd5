/**
 * Code Assist accounts beside keys, and the leases under which one process at a time refreshes an account's tokens.
 * @module
 */
import type { Migration } from "./types.ts";

export const accounts: Migration = {
  name: "0005-accounts",
  up(flavour) {
    const clustered = flavour === "sqlite" ? " without rowid" : "";
    return [
      // One statement a column: SQLite takes no more.
      ...["kind text not null default 'api-key'", "account text"].map(
        (column) => `alter table credentials add column ${column}`,
      ),
      `create table account_leases (
        id text primary key not null,
        owner text not null,
        until_ms bigint not null
      )${clustered}`,
    ];
  },
};
