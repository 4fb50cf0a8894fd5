/**
 * Pages of the calls list, one after the other.
 * @module
 */
import { type InfiniteData, useInfiniteQuery, type UseInfiniteQueryResult } from "@tanstack/react-query";
import { call } from "../../api/client.ts";
import type { ApiError } from "../../api/error.ts";
import type { Call, CallFilter, Output } from "../../api/types.ts";

type Page = Output<"listCalls">;

/** The list so far. */
export interface CallsSoFar {
  calls: Call[];
  /** Everything from here on has been looked at; null: the whole range. */
  searchedToMs: number | null;
  /** The last page had as many calls as it could: the next is as quick. False: matches are rare. */
  full: boolean;
}

const pageSize = 100;

/** Reads the list page by page: each begins where the one before ended, however many calls come in meanwhile. */
export function useCalls(filter: CallFilter, enabled: boolean): UseInfiniteQueryResult<CallsSoFar, ApiError> {
  return useInfiniteQuery<Page, ApiError, CallsSoFar, readonly unknown[], string | null>({
    queryKey: ["listCalls", "pages", filter],
    queryFn: ({ pageParam, signal }) =>
      call("listCalls", { query: { ...filter, limit: pageSize, cursor: pageParam ?? undefined }, signal }),
    initialPageParam: null,
    getNextPageParam: (page) => page.next,
    enabled,
    // The end of the range stands still, so a page never changes but by calls that end late.
    staleTime: 60_000,
    select: joined,
  });
}

// --- helpers ---

function joined({ pages }: InfiniteData<Page, string | null>): CallsSoFar {
  const last = pages.at(-1);
  return {
    calls: pages.flatMap(({ calls }) => calls),
    searchedToMs: last?.searchedToMs ?? null,
    full: (last?.calls.length ?? 0) >= pageSize,
  };
}
