/**
 * Client keys: list, create, change, revoke; short-lived keys for the playground.
 * @module
 */
import { generateClientKey } from "../../clients/generate.ts";
import type { ClientKey } from "../../clients/types.ts";
import { AdminError } from "../admin-errors.ts";
import {
  changeClient,
  createClient,
  createPlaygroundKey,
  deleteClient,
  getClient,
  listClients,
} from "../contract/clients.ts";
import { implement } from "../implement.ts";
import type { Implementation } from "../implement.ts";
import type { AdminServices } from "../services.ts";
import { toClientItem } from "../views/client-view.ts";
import { checkFields } from "./client-fields.ts";

/** How long a key of the playground lives. */
export const playgroundKeyMs: number = 10 * 60_000;

/** Everything about client keys. */
export const clientHandlers: readonly Implementation[] = [
  implement(listClients, ({ services }) => ({
    clients: services.clients.list().map((client) => toClientItem(client, services)),
  })),

  implement(getClient, ({ params, services }) => toClientItem(clientOf(params.id, services), services)),

  implement(createClient, async ({ body, services, note }) => {
    const { store, random, digest, clock } = services;
    const now = clock.now();
    const fields = checkFields(body, { others: await namedClients(services), current: null, now });
    const { key, prefix } = generateClientKey(random);
    const id = `client_${[...random.bytes(8)].map((byte) => byte.toString(16).padStart(2, "0")).join("")}`;
    const client: ClientKey = {
      id,
      name: body.name,
      digest: digest.sha256(key),
      prefix,
      source: "stored",
      enabled: true,
      expiresAt: null,
      allowedModels: null,
      createdAt: now,
      ...fields,
    };
    await store.clients.add(client);
    await takeEffect(services);
    note({ target: id });
    return { client: toClientItem(client, services), key };
  }),

  implement(changeClient, async ({ params, body, services }) => {
    const { store, clock } = services;
    const client = storedClient(params.id, services);
    const others = (await namedClients(services)).filter(({ id }) => id !== client.id);
    const fields = checkFields(body, { others, current: client, now: clock.now() });
    if (Object.keys(fields).length > 0) {
      await store.clients.update(client.id, fields);
      await takeEffect(services);
    }
    return toClientItem(clientOf(params.id, services), services);
  }),

  implement(deleteClient, async ({ params, services }) => {
    const client = storedClient(params.id, services);
    // The row stays: the record of calls names it.
    await services.store.clients.update(client.id, { enabled: false });
    await takeEffect(services);
  }),

  implement(createPlaygroundKey, ({ params, services }) => {
    const { clients, random, digest, clock } = services;
    const client = clientOf(params.id, services);
    const now = clock.now();
    if (!client.enabled || (client.expiresAt !== null && client.expiresAt <= now))
      throw new AdminError("conflict", {
        message: "This client key is revoked or has expired.",
        next: "Choose another client key.",
      });
    const { key } = generateClientKey(random);
    const expiresAt = now + playgroundKeyMs;
    clients.addTemporaryKey({ digest: digest.sha256(key), clientId: client.id, expiresAt });
    return { key, expiresAt };
  }),
];

// --- helpers ---

/** @throws AdminError `not_found` */
function clientOf(id: string, services: AdminServices): ClientKey {
  const client = services.clients.list().find((one) => one.id === id);
  if (client === undefined)
    throw new AdminError("not_found", { message: "There is no client key with this id.", field: "id" });
  return client;
}

/** @throws AdminError `not_found`, or `source_environment`: nothing about those is stored */
function storedClient(id: string, services: AdminServices): ClientKey {
  const client = clientOf(id, services);
  if (client.source === "env")
    throw new AdminError("source_environment", {
      message: "This client key comes from the environment.",
      next: "Take it out of PROXY_API_KEY and start again; keys made here can be changed.",
    });
  return client;
}

/** All whose names are taken, also those that another process has made since. */
async function namedClients(services: AdminServices): Promise<readonly ClientKey[]> {
  const environment = services.clients.list().filter(({ source }) => source === "env");
  return [...environment, ...(await services.store.clients.list())];
}

async function takeEffect(services: AdminServices): Promise<void> {
  await services.store.revision.raise();
  await services.reload();
}
