/**
 * Shapes of the client keys' routes. Types only.
 * @module
 */
import type { Body, Client as ApiClient } from "../../api/types.ts";

export type Client = ApiClient;
export type ClientUsage = Client["usage"][number];
export type ClientChange = Body<"changeClient">;
export type ClientLimits = NonNullable<Client["limits"]>;
/** All that can be set. */
export type ClientValues = Pick<
  Client,
  "name" | "enabled" | "expiresAt" | "allowedModels" | "limits" | "ipRanges" | "aliases" | "resourceScope"
>;
