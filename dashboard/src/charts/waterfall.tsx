/**
 * The attempts of a call along its time.
 * @module
 */
import type { ReactNode } from "react";
import { formatDuration } from "../lib/format.ts";
import type { Tone } from "../ui/badge.tsx";

/** One bar. */
export interface WaterfallRow {
  key: string;
  label: ReactNode;
  /** Read out: everything that the bar shows. */
  description: string;
  offsetMs: number;
  /** After its begin; null: none came. */
  firstByteMs: number | null;
  durationMs: number;
  tone: Tone;
  /** Under the bar. */
  children?: ReactNode;
}

/** Bars along one axis from 0 to `totalMs`. The lighter part is the wait for the first byte. */
export function Waterfall({ rows, totalMs }: { rows: readonly WaterfallRow[]; totalMs: number }): ReactNode {
  const whole = Math.max(totalMs, ...rows.map(({ offsetMs, durationMs }) => offsetMs + durationMs), 0.001);
  const percent = (ms: number): string => `${(Math.min(whole, Math.max(0, ms)) / whole) * 100}%`;
  return (
    <ol className="flex flex-col gap-3">
      {rows.map((row) => (
        <li key={row.key}>
          <div className="flex flex-wrap items-center justify-between gap-x-3 gap-y-1 text-sm">
            <div className="flex min-w-0 flex-wrap items-center gap-2">{row.label}</div>
            <span className="text-xs text-ink-soft tabular-nums">
              {row.offsetMs > 0 && `at ${formatDuration(row.offsetMs)} · `}
              {row.firstByteMs !== null && `first byte ${formatDuration(row.firstByteMs)} · `}
              {formatDuration(row.durationMs)}
            </span>
          </div>
          <div role="img" aria-label={row.description} className="relative mt-1 h-4 rounded-sm bg-sunken">
            <div
              className={`absolute inset-y-0 rounded-sm ${barTones[row.tone]} opacity-45`}
              style={{ left: percent(row.offsetMs), width: `max(2px, ${percent(row.durationMs)})` }}
            />
            {row.firstByteMs !== null && (
              <div
                className={`absolute inset-y-0 rounded-r-sm ${barTones[row.tone]}`}
                style={{
                  left: percent(row.offsetMs + row.firstByteMs),
                  width: `max(2px, ${percent(row.durationMs - row.firstByteMs)})`,
                }}
              />
            )}
          </div>
          {row.children}
        </li>
      ))}
      <li
        aria-hidden="true"
        className="flex justify-between border-t border-line pt-1 text-xs text-ink-faint tabular-nums"
      >
        <span>0</span>
        <span>{formatDuration(whole / 2)}</span>
        <span>{formatDuration(whole)}</span>
      </li>
    </ol>
  );
}

// --- helpers ---

const barTones: Readonly<Record<Tone, string>> = {
  neutral: "bg-chart-7",
  ok: "bg-ok",
  warn: "bg-warn",
  bad: "bg-bad",
  info: "bg-info",
  accent: "bg-accent",
};
