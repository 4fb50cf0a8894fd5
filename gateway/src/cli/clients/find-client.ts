/**
 * Client keys as commands name them.
 * @module
 */
import type { ClientKey } from "../../clients/types.ts";
import { usageFailure } from "../failure.ts";

/**
 * Finds one client key by id, by the beginning of its id, by name, or by the first characters of the key.
 * @throws CliFailure (exit code 2) when there is none or more than one
 */
export function findClient(clients: readonly ClientKey[], word: string): ClientKey {
  const exact = clients.filter((client) => client.id === word || client.name === word || client.prefix === word);
  const found = exact.length > 0 ? exact : clients.filter((client) => word.length >= 10 && client.id.startsWith(word));
  if (found.length === 1) return found[0] as ClientKey;
  if (found.length === 0)
    throw usageFailure(
      `There is no client key with the id or name '${word}'.`,
      "'gemini-proxy clients list' shows all of them.",
    );
  throw usageFailure(
    `'${word}' fits ${found.length} client keys: ${found.map((client) => client.id).join(", ")}.`,
    "Use the id.",
  );
}
