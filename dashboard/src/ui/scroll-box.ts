/**
 * The box in which a table scrolls, for those of its parts that draw only what is in sight.
 * @module
 */
import { type Context, createContext } from "react";

/** The nearest table's box. */
export const ScrollBox: Context<{ current: HTMLDivElement | null }> = createContext<{ current: HTMLDivElement | null }>(
  {
    current: null,
  },
);
