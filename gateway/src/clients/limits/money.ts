/**
 * Amounts of money: whole nano-dollars (1e-9 USD) inside, dollars for people.
 * @module
 */

/** Nano-dollars in a dollar. */
export const nanoPerUsd = 1_000_000_000;

/** The largest budget: above it nano-dollars would not be exact any more. */
export const largestBudgetUsd = 9_000_000;

/**
 * @param usd dollars
 * @returns nano-dollars, rounded to the nearest
 */
export function toNanoUsd(usd: number): number {
  // By way of the shortest decimal: products of large amounts would be off by one. Tiny ones have an exponent there.
  const shortest = String(usd);
  const [whole = "0", rest = ""] = (shortest.includes("e") ? usd.toFixed(9) : shortest).split(".");
  const digits = rest.padEnd(9, "0");
  return Number(whole) * nanoPerUsd + Math.round(Number(`${digits.slice(0, 9)}.${digits.slice(9)}`));
}

/**
 * @param nanoUsd whole nano-dollars
 * @returns `$5.00`, `$0.50`, `$0.000125`: at least two digits after the point, and as many as there are
 */
export function toUsdText(nanoUsd: number): string {
  const whole = Math.floor(nanoUsd / nanoPerUsd);
  const digits = String(nanoUsd - whole * nanoPerUsd).padStart(9, "0");
  return `$${whole}.${digits.slice(0, 2)}${digits.slice(2).replace(/0+$/, "")}`;
}

/**
 * Reads dollars as people write them.
 * @param text `5`, `$5`, `0.50`, `1,000`, `.5`
 * @returns dollars with at most nine digits after the point; null when it is no amount, or above `largestBudgetUsd`
 */
export function parseUsd(text: string): number | null {
  const plain = text
    .trim()
    .replace(/^\$\s*/, "")
    .replace(/\s*(?:usd|\$)$/i, "")
    .replace(/(?<=\d),(?=\d{3}(?!\d))/g, "");
  if (!/^(?:\d{1,8}(?:\.\d{0,9})?|\.\d{1,9})$/.test(plain)) return null;
  const usd = Number(plain);
  return usd <= largestBudgetUsd ? usd : null;
}
