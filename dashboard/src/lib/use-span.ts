/**
 * Both ends of a range, standing still between renewals: reads with a new end each second would never be cached.
 * @module
 */
import { useMemo } from "react";
import { type Range, type Span, spanOf } from "./range.ts";
import { useNow } from "./use-now.ts";

/**
 * Both ends of a range.
 * @param refreshMs how often the end moves on, @default one minute
 */
export function useSpan(range: Range, refreshMs = 60_000): Span {
  const now = useNow(refreshMs);
  return useMemo(() => spanOf(range, now, refreshMs), [range, now, refreshMs]);
}
