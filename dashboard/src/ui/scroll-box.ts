/**
 * The box in which a table scrolls, for those of its parts that draw only what is in sight.
 * @module
 */
import { type Context, createContext } from "react";

/**
 * The nearest table's box; null: it is not in the document yet. The element, not a ref to it: a part that is mounted with
 * its table looks before the ref is filled, and would not be told when it is.
 */
export const ScrollBox: Context<HTMLDivElement | null> = createContext<HTMLDivElement | null>(null);
