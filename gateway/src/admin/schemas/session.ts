/**
 * Who works with the admin API: sessions of the dashboard, operators, tokens of tools.
 * @module
 */
import * as z from "zod";
import { guardedSchema, nameSchema, timeSchema } from "./common.ts";

/** `viewer` reads; `admin` does everything. */
export const roleSchema = z.enum(["viewer", "admin"]);
/** Chosen by people: at least 12 characters. */
export const passwordSchema = guardedSchema(12, 256);
export const operatorNameSchema = nameSchema(64);

/** The session as its owner sees it. */
export const sessionSchema = z.object({
  authenticated: z.boolean(),
  /** Null: not logged in. `name` is `admin token` after a log-in with it. */
  operator: z.object({ id: z.string().nullable(), name: z.string(), role: roleSchema }).nullable(),
  /** To be sent as `x-csrf-token` with everything that changes something. Null: not logged in. */
  csrfToken: z.string().nullable(),
  expiresAt: timeSchema.nullable(),
  /** Whether any operator has a password; until then only the admin token logs in, and the dashboard offers to set one. */
  passwordSet: z.boolean(),
  version: z.string(),
});

export const loginBody = z.union([
  z.strictObject({ token: z.string().min(1).max(512) }),
  z.strictObject({ name: operatorNameSchema, password: z.string().min(1).max(256) }),
]);

export const operatorSchema = z.object({
  id: z.string(),
  name: z.string(),
  role: roleSchema,
  enabled: z.boolean(),
  createdAt: timeSchema,
  lastLoginAt: timeSchema.nullable(),
});

export const tokenSchema = z.object({
  id: z.string(),
  name: z.string(),
  role: roleSchema,
  /** First characters, to tell tokens apart. */
  prefix: z.string(),
  createdAt: timeSchema,
  expiresAt: timeSchema.nullable(),
  lastUsedAt: timeSchema.nullable(),
});
