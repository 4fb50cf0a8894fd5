/**
 * Routes: sessions, operators, tokens.
 * @module
 */
import * as z from "zod";
import { defineRoute } from "../define-route.ts";
import { endSchema, idParams, nameSchema } from "../schemas/common.ts";
import {
  loginBody,
  operatorNameSchema,
  operatorSchema,
  passwordSchema,
  roleSchema,
  sessionSchema,
  tokenSchema,
} from "../schemas/session.ts";

export const getSession = defineRoute({
  id: "getSession",
  method: "GET",
  path: "/session",
  role: "public",
  tag: "session",
  summary: "Who is logged in",
  response: sessionSchema,
});
export const createSession = defineRoute({
  id: "createSession",
  method: "POST",
  path: "/session",
  role: "public",
  tag: "session",
  audit: "session.create",
  summary: "Log in with the admin token, or with name and password",
  body: loginBody,
  response: sessionSchema,
});
export const deleteSession = defineRoute({
  id: "deleteSession",
  method: "DELETE",
  path: "/session",
  role: "viewer",
  tag: "session",
  audit: "session.delete",
  summary: "Log out",
});
/** Log in with the admin token the first time: this makes the operator `admin`. Later: one's own password. */
export const setPassword = defineRoute({
  id: "setPassword",
  method: "POST",
  path: "/session/password",
  role: "viewer",
  tag: "session",
  audit: "session.password",
  summary: "Set one's own password (after the admin token: makes the first operator)",
  body: z.strictObject({
    /** Of the first operator. @default admin */
    name: operatorNameSchema.optional(),
    password: passwordSchema,
    /** Needed once one is set. */
    current: z.string().max(256).optional(),
  }),
  response: sessionSchema,
});

export const listOperators = defineRoute({
  id: "listOperators",
  method: "GET",
  path: "/operators",
  role: "admin",
  tag: "operators",
  summary: "People who may log in",
  response: z.object({ operators: z.array(operatorSchema) }),
});
export const createOperator = defineRoute({
  id: "createOperator",
  method: "POST",
  path: "/operators",
  role: "admin",
  tag: "operators",
  audit: "operators.create",
  summary: "Add a person",
  body: z.strictObject({ name: operatorNameSchema, role: roleSchema, password: passwordSchema }),
  response: operatorSchema,
  status: 201,
});
export const changeOperator = defineRoute({
  id: "changeOperator",
  method: "PATCH",
  path: "/operators/:id",
  role: "admin",
  tag: "operators",
  audit: "operators.change",
  summary: "Change role or password, switch on or off; ends the person's sessions",
  params: idParams,
  body: z.strictObject({ role: roleSchema, password: passwordSchema, enabled: z.boolean() }).partial(),
  response: operatorSchema,
});
export const deleteOperator = defineRoute({
  id: "deleteOperator",
  method: "DELETE",
  path: "/operators/:id",
  role: "admin",
  tag: "operators",
  audit: "operators.delete",
  summary: "Remove a person",
  params: idParams,
});

export const listTokens = defineRoute({
  id: "listTokens",
  method: "GET",
  path: "/tokens",
  role: "admin",
  tag: "tokens",
  summary: "Tokens of tools",
  response: z.object({ tokens: z.array(tokenSchema) }),
});
export const createToken = defineRoute({
  id: "createToken",
  method: "POST",
  path: "/tokens",
  role: "admin",
  tag: "tokens",
  audit: "tokens.create",
  summary: "Make a token; it is told once",
  body: z.strictObject({
    name: nameSchema(100),
    role: roleSchema,
    expiresAt: endSchema.nullable().default(null),
  }),
  response: z.object({ token: tokenSchema, secret: z.string() }),
  status: 201,
});
export const deleteToken = defineRoute({
  id: "deleteToken",
  method: "DELETE",
  path: "/tokens/:id",
  role: "admin",
  tag: "tokens",
  audit: "tokens.delete",
  summary: "Revoke a token",
  params: idParams,
});
