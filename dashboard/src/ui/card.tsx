/**
 * Boxes for things that belong together, and single figures.
 * @module
 */
import { type ReactNode, useId } from "react";
import { formatChange } from "../lib/format.ts";
import { Icon } from "./icons.tsx";

/** A box. With a title it is a region of the page. */
export function Card({
  title,
  actions,
  children,
  className = "",
  flush = false,
}: {
  title?: ReactNode;
  /** At the right of the title. */
  actions?: ReactNode;
  children: ReactNode;
  className?: string;
  /** Without a margin inside: for tables. @default false */
  flush?: boolean;
}): ReactNode {
  const id = useId();
  if (title === undefined) return <div className={`card ${flush ? "" : "p-3 sm:p-4"} ${className}`}>{children}</div>;
  return (
    <section aria-labelledby={id} className={`card ${className}`}>
      <header className="flex min-h-12 flex-wrap items-center justify-between gap-2 px-3 pt-2 sm:px-4">
        <h2 id={id} className="text-sm font-semibold text-ink">
          {title}
        </h2>
        {actions !== undefined && <div className="flex flex-wrap items-center gap-2">{actions}</div>}
      </header>
      <div className={flush ? "pt-2" : "px-3 pt-1 pb-3 sm:px-4 sm:pb-4"}>{children}</div>
    </section>
  );
}

/** How a figure differs from the one before. */
export interface Delta {
  /** Share: 0.12 is 12 % more. Null: there was nothing before. */
  change: number | null;
  /** Which way is good; `neither`: no colour. */
  good: "up" | "down" | "neither";
}

/** A figure with its name. `hint` says more, under it. */
export function Stat({
  label,
  value,
  hint,
  delta,
  trend,
}: {
  label: ReactNode;
  value: ReactNode;
  hint?: ReactNode;
  delta?: Delta;
  /** A small drawing at the right of the label, such as a Sparkline. */
  trend?: ReactNode;
}): ReactNode {
  return (
    <div className="flex min-w-0 flex-col gap-0.5">
      <dt className="flex h-4 items-center justify-between gap-2 text-xs text-ink-soft">
        {label}
        {trend}
      </dt>
      <dd className="flex flex-wrap items-baseline gap-x-2">
        <span className="text-xl font-semibold tracking-tight text-ink tabular-nums">{value}</span>
        {delta !== undefined && <DeltaText {...delta} />}
      </dd>
      {hint !== undefined && <dd className="text-xs text-ink-faint">{hint}</dd>}
    </div>
  );
}

// --- helpers ---

function DeltaText({ change, good }: Delta): ReactNode {
  if (change === null) return null;
  const rises = change > 0;
  const flat = Math.abs(change) < 0.0005;
  const tone = flat || good === "neither" ? "text-ink-faint" : rises === (good === "up") ? "text-ok" : "text-bad";
  return (
    <span className={`inline-flex items-center gap-0.5 text-xs tabular-nums ${tone}`} title="against the range before">
      {!flat && <Icon name={rises ? "up" : "down"} size={11} />}
      {formatChange(change)}
      <span className="sr-only"> against the range before</span>
    </span>
  );
}
