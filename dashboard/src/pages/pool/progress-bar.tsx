/**
 * How far something is, drawn. Unlike a meter it has no good or bad.
 * @module
 */
import type { ReactNode } from "react";

/** A bar from nothing to all. */
export function ProgressBar({ done, total, label }: { done: number; total: number; label: string }): ReactNode {
  const percent = total === 0 ? 100 : Math.min(100, Math.max(0, (done / total) * 100));
  return (
    <div
      role="progressbar"
      aria-label={label}
      aria-valuemin={0}
      aria-valuemax={100}
      aria-valuenow={Math.round(percent)}
      className="h-2 w-full overflow-hidden rounded-full bg-line"
    >
      <div className="h-full rounded-full bg-accent transition-[width]" style={{ width: `${percent}%` }} />
    </div>
  );
}
