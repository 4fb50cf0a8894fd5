/**
 * Names of clients and credentials for their ids.
 * @module
 */
import { useMemo } from "react";
import { useApi } from "../../api/queries.ts";

/** Names by id; ids that are not there (removed, or beyond the first thousand) are shown as they are. */
export interface Names {
  client(id: string): string;
  credential(id: string): string;
}

/** @param options.credentials reads those too, @default false */
export function useNames(options: { credentials?: boolean } = {}): Names {
  const clients = useApi("listClients", {});
  const credentials = useApi("listCredentials", { query: { limit: 1000 } }, { enabled: options.credentials ?? false });
  return useMemo(() => {
    const clientNames = new Map(clients.data?.clients.map(({ id, name }) => [id, name]));
    const credentialNames = new Map(credentials.data?.credentials.map(({ id, name }) => [id, name]));
    return {
      client: (id) => clientNames.get(id) ?? id,
      credential: (id) => credentialNames.get(id) ?? id,
    };
  }, [clients.data, credentials.data]);
}
