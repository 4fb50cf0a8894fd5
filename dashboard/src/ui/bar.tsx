/**
 * Use against a limit, drawn.
 * @module
 */
import type { ReactNode } from "react";
import { formatCompact, formatCount, formatPercent } from "../lib/format.ts";

/** How much of a limit is used, with the figures beside it. Null limit: none is known. */
export function Bar({
  used,
  limit,
  label,
  format = formatCompact,
}: {
  used: number;
  limit: number | null;
  /** Read out: `requests per day`. */
  label?: string;
  /** @default compact counts */
  format?: (value: number) => string;
}): ReactNode {
  if (limit === null)
    return (
      <span className="text-xs text-ink-soft tabular-nums" title={`${formatCount(used)}, no limit known`}>
        {format(used)}
      </span>
    );
  return (
    <span
      className="inline-flex w-full min-w-24 items-center gap-2"
      title={`${formatCount(used)} of ${formatCount(limit)}`}
    >
      <Meter share={limit === 0 ? 1 : used / limit} label={label ?? "used"} />
      <span className="text-xs whitespace-nowrap text-ink-soft tabular-nums">
        {format(used)} / {format(limit)}
      </span>
    </span>
  );
}

/** A share of 1, drawn. Of a limit: warns from 80 %, and more from 100 %. @param props.plain never warns, @default false */
export function Meter({ share, label, plain = false }: { share: number; label: string; plain?: boolean }): ReactNode {
  const bounded = Math.min(1, Math.max(0, share));
  const tone = plain ? "bg-accent" : share >= 1 ? "bg-bad" : share >= 0.8 ? "bg-warn" : "bg-accent";
  return (
    <span
      role="meter"
      aria-label={label}
      aria-valuemin={0}
      aria-valuemax={100}
      aria-valuenow={Math.round(bounded * 100)}
      aria-valuetext={formatPercent(share)}
      className="inline-block h-1.5 w-full min-w-10 flex-1 overflow-hidden rounded-full bg-line"
    >
      <span className={`block h-full rounded-full ${tone}`} style={{ width: `${bounded * 100}%` }} />
    </span>
  );
}
