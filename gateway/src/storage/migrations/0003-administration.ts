/**
 * Who may administer, what they did, stored settings, captured bodies.
 * @module
 */
import type { Migration } from "./types.ts";

/** The tables of the admin API. */
export const administration: Migration = {
  name: "0003-administration",
  up: () => [
    `create table operators (
      id text primary key not null,
      name text not null unique,
      role text not null,
      password_hash text not null,
      enabled integer not null,
      created_at bigint not null,
      last_login_at bigint
    )`,
    `create table sessions (
      digest text primary key not null,
      operator_id text,
      name text not null,
      role text not null,
      csrf_token text not null,
      created_at bigint not null,
      expires_at bigint not null,
      seen_at bigint not null
    )`,
    `create table admin_tokens (
      id text primary key not null,
      name text not null,
      role text not null,
      digest text not null unique,
      prefix text not null,
      created_at bigint not null,
      expires_at bigint,
      last_used_at bigint
    )`,
    `create table audit (
      id text primary key not null,
      at bigint not null,
      actor text not null,
      role text not null,
      action text not null,
      target text,
      detail text,
      address text,
      outcome text not null
    )`,
    `create table stored_settings (name text primary key not null, value text not null)`,
    `create table captures (
      call_id text primary key not null,
      created_at bigint not null,
      expires_at bigint not null,
      bytes bigint not null,
      sealed text not null
    )`,
    `create index captures_by_end on captures (expires_at)`,
  ],
};
