/**
 * The gateway's version, out of its package.json.
 * @module
 */
import manifest from "../../package.json" with { type: "json" };

/** `1.2.3`. */
export const version: string = manifest.version;
