/**
 * How deep a client's JSON is nested. Parsers take any depth, but what walks or writes it again by recursion does not: 10,000
 * brackets would end the call as a mistake of the gateway's own.
 * @module
 */

/** Levels of lists and objects that a body may have. Google's parser takes about 100. */
export const mostLevels = 500;

/** What the client is told. */
export const tooDeepMessage: string = `The body is nested more than ${mostLevels} levels deep.`;

/**
 * Whether a value has more levels than can be dealt with. Linear, and never deeper in the stack than the bound.
 * @param value parsed JSON
 * @param levels that it may have; a text or number has none. @default 500
 */
export function isTooDeep(value: unknown, levels: number = mostLevels): boolean {
  if (typeof value !== "object" || value === null) return false;
  if (levels === 0) return true;
  if (Array.isArray(value)) {
    for (const item of value as unknown[]) if (isTooDeep(item, levels - 1)) return true;
    return false;
  }
  for (const key in value) if (isTooDeep((value as Record<string, unknown>)[key], levels - 1)) return true;
  return false;
}
