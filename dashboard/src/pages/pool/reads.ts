/**
 * Reads that a change of a credential makes old.
 * @module
 */
import type { RouteId } from "../../api/routes.ts";

/** By id of their routes. */
export const poolReads: readonly RouteId[] = [
  "getMatrix",
  "getCell",
  "getCredential",
  "listCredentials",
  "getAccountQuota",
  "getAttention",
];
