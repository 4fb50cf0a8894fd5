/**
 * The first schema, in SQL that SQLite and Postgres both take. What the columns mean stands in storage/schema.ts.
 *
 * Indexes: none but the keys. Every index costs each call about 0.5 µs and 40 bytes; calls are found by id, and ranges
 * of time are ranges of ids. `credentials.fingerprint` and `clients.digest` are unique because duplicates are refused.
 * @module
 */
import type { Migration } from "./types.ts";

export const first: Migration = {
  name: "0001-first",
  up(flavour) {
    // Rows of such tables are stored in their key's tree: an insert touches one tree, not two.
    const clustered = flavour === "sqlite" ? " without rowid" : "";
    return [
      `create table credentials (
        id text primary key not null,
        name text not null,
        sealed text not null,
        fingerprint text not null unique,
        project_id text,
        weight double precision not null,
        tier integer not null,
        enabled integer not null,
        created_at bigint not null
      )`,
      `create table clients (
        id text primary key not null,
        name text not null,
        digest text not null unique,
        prefix text not null,
        source text not null,
        enabled integer not null,
        expires_at bigint,
        allowed_models text,
        created_at bigint not null
      )`,
      `create table calls (
        id text primary key not null,
        started_at bigint not null,
        client_id text,
        dialect text not null,
        backend text,
        operation text not null,
        method text not null,
        path text not null,
        model_asked text,
        model_served text,
        stream integer not null,
        status integer not null,
        outcome text not null,
        error_code text,
        finish_reason text,
        ${usage},
        first_byte_micros bigint,
        total_micros bigint not null,
        overhead_micros bigint not null,
        request_bytes bigint not null,
        response_bytes bigint not null,
        cost_nano_usd bigint,
        attempt_count integer not null,
        credential_id text,
        project_id text,
        attempt_offset_micros bigint,
        attempt_duration_micros bigint,
        attempt_first_byte_micros bigint,
        rule text
      )${clustered}`,
      `create table attempts (
        call_id text not null,
        number integer not null,
        credential_id text not null,
        project_id text not null,
        offset_micros bigint not null,
        duration_micros bigint not null,
        first_byte_micros bigint,
        status integer,
        rule text not null,
        fault text not null,
        words text,
        finish_reason text,
        model_served text,
        ${usage},
        cost_nano_usd bigint,
        primary key (call_id, number)
      )${clustered}`,
      `create table cooldowns (
        scope text not null,
        subject text not null,
        model text not null,
        until_ms bigint not null,
        since_ms bigint not null,
        cause text not null,
        rule text not null,
        words text not null,
        primary key (scope, subject, model)
      )`,
      `create table disabled (
        scope text not null,
        subject text not null,
        reason text not null,
        since_ms bigint not null,
        probe_at_ms bigint,
        rule text not null,
        words text not null,
        primary key (scope, subject)
      )`,
      `create table meta (key text primary key not null, value text not null)`,
      `create table counters (name text primary key not null, value bigint not null)`,
    ];
  },
};

// --- helpers ---

const counts = [
  "prompt_tokens",
  "cached_tokens",
  "output_tokens",
  "thoughts_tokens",
  "tool_use_tokens",
  "total_tokens",
];
const usage = [...counts.map((name) => `${name} bigint`), "modalities text", "service_tier text"].join(", ");
