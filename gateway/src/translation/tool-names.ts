/**
 * Names of tools as Google takes them, and back (fact sheet translation 1.3). Clients and MCP servers send names with
 * slashes, spaces, a digit in front, or 100 characters; Google refuses the whole request for one of them.
 * @module
 */
import type { Digest } from "../core/ports.ts";
import type { ToolNames } from "./types-request.ts";

/**
 * Maps the names of one conversation. Names that Google takes stay as they are; of the others the same name becomes the
 * same one in every request, so that a history fits the declarations. No two names become one.
 * @param clientNames the tools that are declared. Names met later (tools of the history that are gone) follow the same rule
 */
export function createToolNames(clientNames: readonly string[], digest: Pick<Digest, "sha256">): ToolNames {
  const byClient = new Map<string, string>();
  const byGoogle = new Map<string, string>();

  const bind = (clientName: string): string => {
    let googleName = validName.test(clientName) ? clientName : fittedName(clientName, clientName, digest);
    for (let attempt = 1; byGoogle.has(googleName); attempt++) {
      googleName = fittedName(clientName, `${clientName}\n${attempt}`, digest);
    }
    byClient.set(clientName, googleName);
    byGoogle.set(googleName, clientName);
    return googleName;
  };
  const toGoogle = (clientName: string): string => byClient.get(clientName) ?? bind(clientName);

  // First those that keep their names, so that no changed one can take them.
  for (const name of clientNames) if (validName.test(name)) toGoogle(name);
  for (const name of clientNames) toGoogle(name);

  return {
    toGoogle,
    toClient(googleName) {
      const known = byGoogle.get(googleName);
      if (known !== undefined) return known;
      const prefix = inventedPrefixes.find((start) => googleName.startsWith(start));
      return prefix === undefined ? googleName : (byGoogle.get(googleName.slice(prefix.length)) ?? googleName);
    },
  };
}

// --- helpers ---

/** Google's texts say 64 characters; a comment in an SDK of 2026 says 128. 64 is safe. */
const validName = /^[A-Za-z_][A-Za-z0-9_.:-]{0,63}$/;

/** What models put in front of names by themselves. */
const inventedPrefixes = ["default_api:", "default_api.", "functions."];

/** Of 64 characters: 55 of the name, `_`, 8 of the digest. */
const keptLength = 55;
const digestLength = 8;

function fittedName(name: string, seed: string, digest: Pick<Digest, "sha256">): string {
  const clean = name.replaceAll(/[^A-Za-z0-9_.:-]/g, "_");
  const start = /^[^A-Za-z_]/.test(clean) ? `_${clean}` : clean;
  return `${start.slice(0, keptLength)}_${digest.sha256(seed).slice(0, digestLength)}`;
}
