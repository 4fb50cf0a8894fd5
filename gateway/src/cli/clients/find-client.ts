/**
 * Client keys as commands name them.
 * @module
 */
import type { ClientKey } from "../../clients/types.ts";
import { CliFailure, usageFailure } from "../failure.ts";

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

/**
 * Refuses words that name client keys of the environment: nothing about them is stored.
 * @throws CliFailure (exit code 2)
 */
export function refuseEnvironment(clients: readonly ClientKey[], words: readonly string[]): void {
  const foreign = words.find(
    (word) => /^(?:client_env_|env-)\d+$/.test(word) && !clients.some(({ name }) => name === word),
  );
  if (foreign !== undefined)
    throw new CliFailure(`'${foreign}' comes from the environment.`, {
      place: "PROXY_API_KEY",
      next: "Take it out there and start the gateway again; keys with limits are made by 'gemini-proxy clients create'.",
      exitCode: 2,
    });
}
