/**
 * Owners of resources, quotas, uses of clients; more that a credential and a client key carry.
 * @module
 */
import type { Migration } from "./types.ts";

export const resourcesAndQuotas: Migration = {
  name: "0002-resources-and-quotas",
  up(flavour) {
    const clustered = flavour === "sqlite" ? " without rowid" : "";
    return [
      // One statement a column: SQLite takes no more.
      ...["base_url text", "sealed_proxy text", "quota_tier text"].map(
        (column) => `alter table credentials add column ${column}`,
      ),
      ...["limits text", "ip_ranges text", "aliases text", "resource_scope text not null default 'own'"].map(
        (column) => `alter table clients add column ${column}`,
      ),
      `create table resources (
        name text primary key not null,
        kind text not null,
        credential_id text not null,
        project_id text not null,
        client_id text,
        created_at bigint not null,
        expires_at bigint,
        detail text
      )${clustered}`,
      // For deleting what has expired without reading all the rest each minute.
      `create index resources_expires_at on resources (expires_at)`,
      // For the newest of each kind: a start reads them, and beyond a number the oldest are deleted.
      `create index resources_kind on resources (kind, created_at)`,
      // "window" is a reserved word.
      `create table quota_limits (
        project_id text not null,
        model text not null,
        metric text not null,
        period text not null,
        value bigint not null,
        source text not null,
        learned_at bigint not null,
        primary key (project_id, model, metric, period)
      )${clustered}`,
      `create table quota_usage (
        project_id text not null,
        model text not null,
        metric text not null,
        period_start bigint not null,
        used bigint not null,
        primary key (project_id, model, metric)
      )${clustered}`,
      `create table client_usage (
        client_id text not null,
        period text not null,
        period_start bigint not null,
        requests bigint not null,
        tokens bigint not null,
        cost_nano_usd bigint not null,
        primary key (client_id, period)
      )${clustered}`,
    ];
  },
};
