/**
 * Numbers as people read them. What is not known is an em dash, never a zero; something is never shown as nothing.
 * @module
 */

/** Stands for "not known" and "none". */
export const unknownText = "—";

/**
 * Dollars with as many digits as the amount needs: `$1,234.50`, `$0.0123`, `$0.0000045`.
 * @param usd null: not known
 */
export function formatMoney(usd: number | null | undefined): string {
  if (usd == null || !Number.isFinite(usd)) return unknownText;
  if (usd === 0) return "$0";
  const sign = usd < 0 ? "−" : "";
  const size = Math.abs(usd);
  if (size < 1e-9) return `${sign}<$0.000000001`;
  if (size >= 1) return `${sign}$${grouped(size, size >= 100_000 ? 0 : 2)}`;
  const decimals = Math.min(9, 2 - Math.floor(Math.log10(size)));
  const [whole = "0", fraction = ""] = size.toFixed(decimals).split(".");
  return `${sign}$${whole}.${fraction.replace(/0+$/, "").padEnd(2, "0")}`;
}

/** A count with separators: `12,345`. */
export function formatCount(count: number | null | undefined): string {
  return count == null || !Number.isFinite(count) ? unknownText : grouped(count, 0);
}

/** A count in few characters: `9,876`, `12.3k`, `4.56M`. */
export function formatCompact(count: number | null | undefined): string {
  if (count == null || !Number.isFinite(count)) return unknownText;
  const size = Math.abs(count);
  // Just below a border rounds up into the next unit: 999,950 is 1.00M, not 1000k.
  for (const [unit, name] of units) {
    if (size >= unit * 0.9995 && size >= 10_000 * 0.9995) return `${threeDigits(count / unit)}${name}`;
  }
  return grouped(count, Number.isInteger(count) ? 0 : 1);
}

/** Milliseconds: `0.4 ms`, `812 ms`, `1.23 s`, `2 min 5 s`, `3 h 4 min`, `2 d 3 h`. */
export function formatDuration(ms: number | null | undefined): string {
  if (ms == null || !Number.isFinite(ms)) return unknownText;
  if (ms === 0) return "0 ms";
  if (ms < 0.1) return "<0.1 ms";
  if (ms < 9.95) return `${ms.toFixed(1)} ms`;
  if (ms < 999.5) return `${Math.round(ms)} ms`;
  if (ms < 59_950) return `${ms < 9_995 ? (ms / 1000).toFixed(2) : (ms / 1000).toFixed(1)} s`;
  const seconds = Math.round(ms / 1000);
  if (seconds < 3_600) return joined(seconds, 60, "min", "s");
  const minutes = Math.round(seconds / 60);
  if (minutes < 1_440) return joined(minutes, 60, "h", "min");
  return joined(Math.round(minutes / 60), 24, "d", "h");
}

/** Bytes in thousands: `812 B`, `1.2 kB`, `3.4 MB`. */
export function formatBytes(bytes: number | null | undefined): string {
  if (bytes == null || !Number.isFinite(bytes)) return unknownText;
  if (bytes < 1000) return `${Math.round(bytes)} B`;
  for (const [unit, name] of byteUnits) {
    if (bytes >= unit * 0.9995) return `${threeDigits(bytes / unit)} ${name}`;
  }
  return `${threeDigits(bytes / 1000)} kB`;
}

/**
 * A share of 1 as per cent. Almost all is never `100%`, almost nothing never `0%`.
 * @param share 0 to 1; null: not known
 */
export function formatPercent(share: number | null | undefined): string {
  if (share == null || !Number.isFinite(share)) return unknownText;
  if (share === 0 || share === 1) return `${share * 100}%`;
  if (share > 0 && share < 0.001) return "<0.1%";
  if (share > 0.999 && share < 1) return ">99.9%";
  return `${(share * 100).toFixed(1)}%`;
}

/**
 * How much more or less than before, as a share of before.
 * @returns null when there was nothing before
 */
export function changeOf(now: number | null, before: number | null): number | null {
  if (now == null || before == null || before === 0) return null;
  return (now - before) / Math.abs(before);
}

/** A change with its sign: `+12%`, `−3.4%`, `×8.5` when it is large. */
export function formatChange(change: number): string {
  if (change >= 2) return `×${(change + 1).toFixed(change >= 9 ? 0 : 1)}`;
  const percent = Math.abs(change * 100);
  const digits = percent >= 10 || percent === 0 ? percent.toFixed(0) : percent.toFixed(1);
  if (Number(digits) === 0) return "±0%";
  return `${change < 0 ? "−" : "+"}${digits}%`;
}

/** Divides; null when there is nothing to divide by. */
export function shareOf(part: number, whole: number): number | null {
  return whole === 0 ? null : part / whole;
}

// --- helpers ---

const units = [
  [1e12, "T"],
  [1e9, "B"],
  [1e6, "M"],
  [1e3, "k"],
] as const;
const byteUnits = [
  [1e12, "TB"],
  [1e9, "GB"],
  [1e6, "MB"],
  [1e3, "kB"],
] as const;

function grouped(value: number, decimals: number): string {
  return value.toLocaleString("en-US", { minimumFractionDigits: decimals, maximumFractionDigits: decimals });
}

function threeDigits(value: number): string {
  const size = Math.abs(value);
  return value.toFixed(size >= 99.95 ? 0 : size >= 9.995 ? 1 : 2);
}

function joined(value: number, base: number, large: string, small: string): string {
  const rest = value % base;
  return `${Math.floor(value / base)} ${large}${rest === 0 ? "" : ` ${rest} ${small}`}`;
}
