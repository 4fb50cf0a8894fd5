/**
 * A page's filters, read from and written to the address.
 * @module
 */
import { useLocation, useRouter } from "@tanstack/react-router";
import { useMemo } from "react";
import { base } from "./links.ts";
import { formatQueryText, readSearch, type SearchShape, type SearchValues, writeSearch } from "./search.ts";

/** How a change of filters is written. */
export interface SearchChangeOptions {
  /** Without a step that "back" returns to: for typing. @default false */
  replace?: boolean;
}

/** Writes changed fields; undefined takes one out. Fields that the page does not know (`zone`) stay. */
export type ChangeSearch<Shape extends SearchShape> = (
  change: SearchValues<Shape>,
  options?: SearchChangeOptions,
) => void;

/**
 * Values of the address's query, and how to change them.
 * @param shape must be the same object each time: declare it outside of the component
 */
export function useSearch<Shape extends SearchShape>(shape: Shape): [SearchValues<Shape>, ChangeSearch<Shape>] {
  const router = useRouter();
  const search = useLocation({ select: (location) => location.searchStr });
  const values = useMemo(
    () => readSearch(shape, router.options.parseSearch?.(search) ?? {}),
    [shape, search, router.options],
  );
  const change: ChangeSearch<Shape> = (changed, options = {}) => {
    const { pathname, search: now } = router.state.location;
    const before = now as Readonly<Record<string, unknown>>;
    const others = Object.fromEntries(Object.entries(before).filter(([name]) => !(name in shape)));
    const next = { ...readSearch(shape, before), ...changed };
    const text = formatQueryText({ ...writeSearch(shape, next), ...others });
    const address = `${base}${pathname}${text}`;
    if (options.replace === true) router.history.replace(address);
    else router.history.push(address);
  };
  return [values, change];
}
