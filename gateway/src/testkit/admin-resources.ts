/**
 * For tests of the admin API's resources: a world that has them, and calls at any time.
 * @module
 */
import type { AdminServices } from "../admin/services.ts";
import { callHandlers } from "../admin/handlers/calls.ts";
import { clientHandlers } from "../admin/handlers/clients.ts";
import { credentialHandlers } from "../admin/handlers/credentials.ts";
import { healthHandlers } from "../admin/handlers/health.ts";
import { usageHandlers } from "../admin/handlers/usage.ts";
import type { CallRecord } from "../core/records.ts";
import { sampleCall, sampleStart } from "../storage/contract-samples.ts";
import type { PricedCall } from "../storage/types.ts";
import { createAdminWorld, type AdminWorld } from "./admin-world.ts";
import { createNaiveAnalytics } from "./naive-analytics.ts";

/**
 * Makes a world.
 * @param options `pageRows`: searches read so many rows a page at most, so that pages may hold nothing; `naive`: sums and
 *   searches look at every call
 */
export async function createResourceWorld(
  options: {
    environment?: Readonly<Record<string, string>>;
    services?: Partial<AdminServices>;
    pageRows?: number;
    naive?: boolean;
  } = {},
): Promise<AdminWorld> {
  const { pageRows, naive = pageRows !== undefined, ...rest } = options;
  const world = await createAdminWorld({
    ...rest,
    implementations: [...credentialHandlers, ...clientHandlers, ...callHandlers, ...usageHandlers, ...healthHandlers],
  });
  if (naive)
    world.services.analytics = createNaiveAnalytics(world.store.ledger, pageRows === undefined ? {} : { pageRows });
  return world;
}

/** A call that began at a time, epoch milliseconds. */
export function callAt(at: number, change: Partial<CallRecord> = {}, cost?: number | null): PricedCall {
  return sampleCall(at - sampleStart, change, cost);
}

/** A key of the shape of Google's. */
export function geminiKey(name: string): string {
  return `AIzaSy-${name}-${"x".repeat(31 - name.length)}`;
}
