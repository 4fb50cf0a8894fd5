/**
 * The library entry for platforms with `fetch`. Node: `gemini-proxy/node`. Workers: `gemini-proxy/cloudflare`.
 * @module
 */
export { createGateway, type GatewayOptions, type MemoryGateway } from "./hosts/fetch/create-gateway.ts";
export { parseSettings, type ParsedSettings } from "./settings/parse.ts";
export type { Settings } from "./settings/types.ts";
export type { CallRecord, AttemptRecord } from "./core/records.ts";
