/**
 * Reads and changes through TanStack Query: one cache for the page, polling where asked, no retry of what the caller got
 * wrong.
 * @module
 */
import {
  keepPreviousData,
  QueryClient,
  useMutation,
  type UseMutationResult,
  useQuery,
  useQueryClient,
  type UseQueryResult,
} from "@tanstack/react-query";
import { call, type CallOptions, onUnauthenticated, setCsrfToken } from "./client.ts";
import { ApiError } from "./error.ts";
import type { RouteId } from "./routes.ts";
import type { Output, Session } from "./types.ts";

/** Makes the cache of the page. A 401 anywhere asks for the session again, which leads to the log-in page. */
export function createQueryClient(): QueryClient {
  const client = new QueryClient({
    defaultOptions: {
      queries: {
        staleTime: 5_000,
        gcTime: 120_000,
        retry: (failures, error) => failures < 2 && isTransient(error),
        retryDelay: (failures) => 1_000 * 2 ** failures,
        placeholderData: keepPreviousData,
        refetchOnWindowFocus: true,
      },
      mutations: { retry: false },
    },
  });
  onUnauthenticated(() => {
    setCsrfToken(null);
    void client.invalidateQueries({ queryKey: ["getSession"] });
  });
  return client;
}

/** Name of a read in the cache. */
export function queryKey<Id extends RouteId>(id: Id, options: CallOptions<Id>): readonly unknown[] {
  return [id, options.params ?? null, options.query ?? null];
}

/** How a read behaves. */
export interface ApiSettings {
  /** Asks again so often while the page is seen. @default never */
  refetchMs?: number;
  /** @default true */
  enabled?: boolean;
}

/**
 * Reads a route. While parameters change, the data before stays (`isPlaceholderData`).
 * @param id `listClients`
 */
export function useApi<Id extends RouteId>(
  id: Id,
  options: CallOptions<Id>,
  settings: ApiSettings = {},
): UseQueryResult<Output<Id>, ApiError> {
  return useQuery<Output<Id>, ApiError>({
    queryKey: queryKey(id, options),
    queryFn: ({ signal }) => call(id, { ...options, signal }),
    enabled: settings.enabled ?? true,
    ...(settings.refetchMs === undefined ? {} : { refetchInterval: settings.refetchMs }),
  });
}

/** The session; its CSRF token is remembered for changes. Asked again every five minutes: sessions end. */
export function useSession(): UseQueryResult<Session, ApiError> {
  return useQuery<Session, ApiError>({
    queryKey: queryKey("getSession", {}),
    queryFn: async ({ signal }) => rememberSession(await call("getSession", { signal })),
    staleTime: 60_000,
    refetchInterval: 300_000,
  });
}

/** Takes the CSRF token out of a session, and gives it back. */
export function rememberSession(session: Session): Session {
  setCsrfToken(session.csrfToken);
  return session;
}

/** Whether whoever is logged in may change things. */
export function useIsAdmin(): boolean {
  return useSession().data?.operator?.role === "admin";
}

/**
 * Changes something.
 * @param id `changeClient`
 * @param settings.refreshes reads that are out of date after it
 */
export function useChange<Id extends RouteId>(
  id: Id,
  settings: { refreshes?: readonly RouteId[] } = {},
): UseMutationResult<Output<Id>, ApiError, CallOptions<Id>> {
  const client = useQueryClient();
  return useMutation<Output<Id>, ApiError, CallOptions<Id>>({
    mutationFn: (options) => call(id, options),
    onSettled: async () => {
      await Promise.all((settings.refreshes ?? []).map((read) => client.invalidateQueries({ queryKey: [read] })));
    },
  });
}

// --- helpers ---

function isTransient(error: unknown): boolean {
  return error instanceof ApiError && (error.status === 0 || error.status >= 500);
}
