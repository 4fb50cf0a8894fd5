/**
 * Sums over calls by time and dimension: see storage/rollups/ and docs/decisions/0015-rollups.md.
 * @module
 */
import type { Migration } from "./types.ts";

/** One narrow table: key and all sums as one text, which is read and written whole. */
export const rollups: Migration = {
  name: "0004-rollups",
  up(flavour) {
    const clustered = flavour === "sqlite" ? " without rowid" : "";
    return [
      `create table rollups (
        grain integer not null,
        dimension integer not null,
        start bigint not null,
        key text not null,
        body text not null,
        primary key (grain, dimension, start, key)
      )${clustered}`,
    ];
  },
};
