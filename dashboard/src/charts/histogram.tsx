/**
 * Counts over time above a list. A click or a drag over bars narrows the range; the arrow keys and Enter do the same.
 * @module
 */
import { type KeyboardEvent, type PointerEvent, type ReactNode, useRef, useState } from "react";
import { formatCount } from "../lib/format.ts";
import { shortTime } from "../lib/zone.ts";
import { axisLabel, timeTicks } from "./chart-data.ts";

/** Bars of calls, errors at their foot. */
export function HistogramBars({
  bars,
  widthMs,
  zone,
  countedFromMs,
  onSelect,
  height = 64,
}: {
  bars: readonly { fromMs: number; calls: number; errors: number }[];
  widthMs: number;
  zone: string;
  /** Bars before this were not counted: drawn hatched. Null: all were. */
  countedFromMs: number | null;
  onSelect: (span: { fromMs: number; toMs: number }) => void;
  height?: number;
}): ReactNode {
  const box = useRef<HTMLDivElement>(null);
  const [drag, setDrag] = useState<{ from: number; to: number } | null>(null);
  const [focused, setFocused] = useState<{ from: number; to: number } | null>(null);
  const [hovered, setHovered] = useState<number | null>(null);
  const most = Math.max(1, ...bars.map(({ calls }) => calls));
  const marked = drag ?? focused;
  const told = bars[hovered ?? marked?.to ?? -1];

  const indexAt = (event: PointerEvent): number => {
    const { left, width } = box.current?.getBoundingClientRect() ?? { left: 0, width: 1 };
    return Math.min(bars.length - 1, Math.max(0, Math.floor(((event.clientX - left) / width) * bars.length)));
  };
  const select = ({ from, to }: { from: number; to: number }): void => {
    const first = bars[Math.min(from, to)];
    const last = bars[Math.max(from, to)];
    if (first !== undefined && last !== undefined) onSelect({ fromMs: first.fromMs, toMs: last.fromMs + widthMs });
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    const step = event.key === "ArrowRight" ? 1 : event.key === "ArrowLeft" ? -1 : 0;
    if (step !== 0) {
      event.preventDefault();
      const to = Math.min(bars.length - 1, Math.max(0, (focused?.to ?? (step > 0 ? -1 : bars.length)) + step));
      setFocused({ from: event.shiftKey ? (focused?.from ?? to) : to, to });
    } else if (event.key === "Enter" && focused !== null) {
      event.preventDefault();
      select(focused);
    } else if (event.key === "Escape") setFocused(null);
  };
  const fromMs = bars[0]?.fromMs ?? 0;
  const toMs = fromMs + bars.length * widthMs;
  const ticks = timeTicks({ fromMs, toMs, zone });
  const stepMs = (ticks[1] ?? toMs) - (ticks[0] ?? fromMs);
  return (
    <div className="min-w-0">
      <div className="flex h-5 items-center justify-between gap-3 text-xs text-ink-soft" aria-live="polite">
        <span className="truncate tabular-nums">
          {told === undefined
            ? "Drag over the bars, or use the arrow keys and Enter, to narrow the range"
            : `${shortTime(told.fromMs, { zone, now: Date.now() })}: ${formatCount(told.calls)} calls, ${formatCount(told.errors)} errors`}
        </span>
      </div>
      <div
        ref={box}
        role="group"
        aria-label={`Calls over time, ${bars.length} bars. Arrow keys choose, Shift extends, Enter narrows the range.`}
        tabIndex={0}
        className="flex cursor-crosshair touch-pan-y items-end rounded-sm border-b border-line-strong select-none"
        style={{ height }}
        onKeyDown={onKeyDown}
        onBlur={() => setFocused(null)}
        onPointerDown={(event) => {
          if (event.button !== 0 || bars.length === 0) return;
          event.currentTarget.setPointerCapture(event.pointerId);
          const at = indexAt(event);
          setDrag({ from: at, to: at });
        }}
        onPointerMove={(event) => {
          const at = indexAt(event);
          if (at !== hovered) setHovered(at);
          if (drag !== null && at !== drag.to) setDrag({ ...drag, to: at });
        }}
        onPointerLeave={() => setHovered(null)}
        onPointerUp={() => {
          if (drag !== null) select(drag);
          setDrag(null);
        }}
        onPointerCancel={() => setDrag(null)}
      >
        {bars.map(({ fromMs, calls, errors }, index) => {
          const inside = marked !== null && between(index, marked);
          const counted = countedFromMs === null || fromMs + widthMs > countedFromMs;
          return (
            <div
              key={fromMs}
              className={`flex h-full min-w-0 flex-1 flex-col justify-end ${inside ? "bg-accent-soft" : index === hovered ? "bg-hover" : ""} ${counted ? "" : "hatched"}`}
            >
              <div className="mx-px bg-chart-1" style={{ height: barHeight(calls - errors, { most, height }) }} />
              <div className="mx-px bg-[var(--chart-bad)]" style={{ height: barHeight(errors, { most, height }) }} />
            </div>
          );
        })}
      </div>
      <div className="relative h-4 text-xs text-ink-faint tabular-nums" aria-hidden="true">
        {ticks.map((at) => {
          const share = (at - fromMs) / (toMs - fromMs);
          return (
            <span
              key={at}
              className={`absolute whitespace-nowrap ${share < 0.04 ? "" : share > 0.96 ? "-translate-x-full" : "-translate-x-1/2"}`}
              style={{ left: `${share * 100}%` }}
            >
              {axisLabel(at, { zone, stepMs })}
            </span>
          );
        })}
      </div>
    </div>
  );
}

// --- helpers ---

function between(index: number, { from, to }: { from: number; to: number }): boolean {
  return index >= Math.min(from, to) && index <= Math.max(from, to);
}

/** At least two pixels for anything: a single call among thousands is seen. */
function barHeight(count: number, { most, height }: { most: number; height: number }): number {
  return count === 0 ? 0 : Math.max(2, Math.round((count / most) * (height - 4)));
}
