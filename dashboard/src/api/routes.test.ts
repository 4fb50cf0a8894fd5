import { expect, test } from "vitest";
import * as accountRoutes from "../../../gateway/src/admin/contract/accounts.ts";
import * as callRoutes from "../../../gateway/src/admin/contract/calls.ts";
import * as clientRoutes from "../../../gateway/src/admin/contract/clients.ts";
import * as credentialRoutes from "../../../gateway/src/admin/contract/credentials.ts";
import * as operationRoutes from "../../../gateway/src/admin/contract/operations.ts";
import * as sessionRoutes from "../../../gateway/src/admin/contract/session.ts";
import { addressOf } from "./client.ts";
import { routes } from "./routes.ts";

test("the table of routes equals the contract", () => {
  const contract = {
    ...accountRoutes,
    ...callRoutes,
    ...clientRoutes,
    ...credentialRoutes,
    ...operationRoutes,
    ...sessionRoutes,
  };
  const told = Object.fromEntries(
    Object.entries(contract).map(([name, { id, method, path }]) => {
      expect(id).toBe(name);
      return [id, { method, path }];
    }),
  );
  expect(routes).toEqual(told);
});

test("an address has its parameters and query encoded, and leaves out what is not set", () => {
  expect(addressOf("getCell", { params: { id: "a/b?c" }, query: { model: "gemini 2" } })).toBe(
    "/admin/api/v1/pool/a%2Fb%3Fc/cell?model=gemini+2",
  );
  expect(addressOf("listCalls", { query: { model: undefined, limit: 5 } })).toBe("/admin/api/v1/calls?limit=5");
});

test("an address without a parameter that it needs is a mistake", () => {
  expect(() => addressOf("getCall", { params: { id: "" } })).toThrow("needs id");
});
