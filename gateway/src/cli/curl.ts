/**
 * A command to try a client key with.
 * @module
 */
import type { Settings } from "../settings/types.ts";

/**
 * A ready curl for this gateway. It lists models: that needs no model's name and costs no tokens.
 * @param settings HOST and PORT
 * @param key the client key
 */
export function toCurl(settings: Pick<Settings, "host" | "port">, key: string): string {
  return `  curl -H 'x-goog-api-key: ${key}' ${addressOf(settings)}/v1beta/models`;
}

/**
 * A ready curl for the admin token: what the pool and the ledger are doing.
 * @param settings HOST and PORT
 * @param token the admin token
 */
export function toAdminCurl(settings: Pick<Settings, "host" | "port">, token: string): string {
  return `  curl -H 'authorization: Bearer ${token}' ${addressOf(settings)}/admin/api/v1/status`;
}

/**
 * The gateway's address for whoever sits at this machine.
 * @param settings HOST and PORT
 * @returns without a slash at the end
 */
export function addressOf(settings: Pick<Settings, "host" | "port">): string {
  const host = ["0.0.0.0", "::", ""].includes(settings.host) ? "127.0.0.1" : settings.host;
  const address = host.includes(":") ? `[${host}]` : host;
  return `http://${address}:${settings.port}`;
}
