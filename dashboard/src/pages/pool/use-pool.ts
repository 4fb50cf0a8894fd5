/**
 * Rows of the matrix as they are scrolled to: the first page always, others while they are in sight.
 * @module
 */
import { useQueries, type UseQueryResult } from "@tanstack/react-query";
import { useMemo } from "react";
import { call } from "../../api/client.ts";
import type { ApiError } from "../../api/error.ts";
import { queryKey, useApi } from "../../api/queries.ts";
import { pageSize, pagesOf } from "./matrix.ts";
import { type PoolFilter, pageQuery } from "./pool-search.ts";
import type { Matrix, MatrixRow } from "./types.ts";

/** Cooldowns end by the second; the list is asked again this often while it is seen. */
const refetchMs = 5_000;

/** The matrix as far as it is loaded. */
export interface Pool {
  /** Columns, counts and totals; null: nothing has come yet. */
  head: Matrix | null;
  /** Rows by page. */
  pages: ReadonlyMap<number, readonly MatrixRow[]>;
  error: ApiError | null;
  /** What is shown is of the filter before. */
  stale: boolean;
  refetch: () => void;
}

/**
 * Reads the matrix.
 * @param filter what is looked at
 * @param range first and last row in sight
 */
export function usePool(filter: PoolFilter, range: { first: number; last: number }): Pool {
  const first = useApi("getMatrix", { query: pageQuery(filter, { offset: 0, limit: pageSize }) }, { refetchMs });
  const matching = first.data?.matching ?? 0;
  const wanted = pagesOf({ ...range, total: matching }).filter((page) => page > 0);
  const others: UseQueryResult<Matrix, ApiError>[] = useQueries({
    queries: wanted.map((page) => {
      const query = pageQuery(filter, { offset: page * pageSize, limit: pageSize });
      return {
        queryKey: queryKey("getMatrix", { query }),
        queryFn: ({ signal }: { signal: AbortSignal }) => call("getMatrix", { query, signal }),
        refetchInterval: refetchMs,
        // Rows of another page in this one's place would be wrong, not old.
        placeholderData: undefined,
      };
    }),
  });
  const told = wanted.map((page, index) => ({ page, rows: others[index]?.data?.rows }));
  const key = told.map(({ page, rows }) => `${page}${rows === undefined ? "-" : "+"}`).join();
  const stamp = Math.max(first.dataUpdatedAt, ...others.map((other) => other.dataUpdatedAt));
  const pages = useMemo(() => {
    const loaded = new Map<number, readonly MatrixRow[]>();
    if (first.data !== undefined) loaded.set(0, first.data.rows);
    for (const { page, rows } of told) if (rows !== undefined) loaded.set(page, rows);
    return loaded;
    // `told` is a new array each time; key and stamp change when what is in it does.
  }, [first.data, key, stamp]);
  return {
    head: first.data ?? null,
    pages,
    error: first.error ?? others.find((other) => other.error !== null)?.error ?? null,
    stale: first.isPlaceholderData,
    refetch: () => {
      void first.refetch();
      for (const other of others) void other.refetch();
    },
  };
}
