/**
 * Other names for models, and whether a client may use what it asked for by one.
 * @module
 */
import type { ClientKey, Clients } from "./types.ts";

/** A name that a client asked for. */
export interface ModelQuestion {
  client: ClientKey;
  /** The gateway's names (MODEL_ALIASES): alias → model. */
  aliases: Readonly<Record<string, string>>;
  /** As asked, with or without `models/`. */
  model: string;
}

/**
 * The model that a name stands for: the client's own aliases first, then the gateway's. Each list is looked up once, so
 * there is no going round in circles, and a client's alias may lead to one of the gateway's.
 * @returns the model; the name as it was asked when it is no alias
 */
export function resolveModel(question: ModelQuestion): string {
  const { client, aliases, model } = question;
  const name = model.startsWith("models/") ? model.slice(7) : model;
  const own = client.aliases == null ? undefined : ownValue(client.aliases, name);
  return ownValue(aliases, own ?? name) ?? own ?? model;
}

/**
 * Whether a client with a list of models may use a name: either the name that it asked for or the model that it stands
 * for must be in the list. Whoever puts an alias into a list allows what it leads to, today and after it was changed.
 * @param clients judges names
 */
export function allowsModel(clients: Pick<Clients, "allows">, question: ModelQuestion): boolean {
  const { client, model } = question;
  if (client.allowedModels === null || clients.allows(client, model)) return true;
  const real = resolveModel(question);
  return real !== model && clients.allows(client, real);
}

// --- helpers ---

/** Names come from clients: `constructor` is one like any other. */
function ownValue(record: Readonly<Record<string, string>>, name: string): string | undefined {
  return Object.hasOwn(record, name) ? record[name] : undefined;
}
