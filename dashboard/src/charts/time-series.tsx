/**
 * Values over time: stacked bars or lines, on a canvas (uPlot), with a legend that tells the values under the pointer and
 * a table for whoever cannot see the canvas or wants the figures.
 * @module
 */
import { lazy, type ReactNode, Suspense, useEffect, useId, useRef, useState } from "react";
import uPlot from "uplot";
import "uplot/dist/uPlot.min.css";
import { IconButton } from "../ui/button.tsx";
import { shortTime } from "../lib/zone.ts";
import { type ChartLine, total } from "./chart-data.ts";
import { resolveColour, useThemeVersion } from "./colours.ts";
import { plotData, plotOptions } from "./plot-options.ts";

/** What a chart draws. */
export interface TimeSeriesProps {
  /** What it shows; read out. */
  label: string;
  /** Begin of each step, epoch milliseconds, rising. */
  times: readonly number[];
  lines: readonly ChartLine[];
  /** Bars are stacked. */
  mode: "bars" | "lines";
  format: (value: number | null) => string;
  zone: string;
  /** Pixels. @default 180 */
  height?: number;
  /** A part was chosen by dragging. */
  onSelect?: (span: { fromMs: number; toMs: number }) => void;
}

/** A chart over time. */
export function TimeSeries(props: TimeSeriesProps): ReactNode {
  const [asTable, setAsTable] = useState(false);
  const [hovered, setHovered] = useState<number | null>(null);
  const id = useId();
  const { times, lines, format, zone, label, mode } = props;
  const at = hovered === null ? undefined : times[hovered];
  return (
    <figure className="m-0 min-w-0" aria-labelledby={id}>
      <figcaption id={id} className="sr-only">
        {label}
      </figcaption>
      <div className="mb-1 flex items-start justify-between gap-2">
        <ul className="flex min-h-8 min-w-0 flex-wrap items-center gap-x-4 gap-y-0.5 text-xs">
          {lines.map((line) => (
            <li key={line.key} className="flex min-w-0 items-center gap-1.5">
              <Swatch line={line} bars={mode === "bars"} />
              <span className="truncate text-ink-soft">{line.label}</span>
              <span className="font-medium text-ink tabular-nums">
                {hovered === null
                  ? mode === "bars"
                    ? format(total(line.values))
                    : ""
                  : format(line.values[hovered] ?? null)}
              </span>
            </li>
          ))}
          {at !== undefined && (
            <li className="text-ink-faint tabular-nums">{shortTime(at, { zone, now: Date.now() })}</li>
          )}
        </ul>
        <IconButton
          icon={asTable ? "overview" : "columns"}
          size="small"
          label={asTable ? `Show ${label} as chart` : `Show ${label} as table`}
          onClick={() => setAsTable(!asTable)}
        />
      </div>
      {asTable ? (
        <Suspense fallback={<div style={{ height: props.height ?? 180 }} />}>
          <DataTable {...props} />
        </Suspense>
      ) : (
        <Plot {...props} onHover={setHovered} />
      )}
    </figure>
  );
}

// --- helpers ---

const DataTable = lazy(async () => ({ default: (await import("./data-table.tsx")).DataTable }));

function Swatch({ line, bars }: { line: ChartLine; bars: boolean }): ReactNode {
  const colour = `var(--${line.colour})`;
  if (bars) return <span aria-hidden="true" className="size-2.5 shrink-0 rounded-sm" style={{ background: colour }} />;
  return (
    <svg aria-hidden="true" width="16" height="8" className="shrink-0">
      <path d="M0 4h16" stroke={colour} strokeWidth="2" {...(line.dashed === true ? { strokeDasharray: "4 3" } : {})} />
    </svg>
  );
}

function Plot(props: TimeSeriesProps & { onHover: (index: number | null) => void }): ReactNode {
  const { times, lines, mode, zone, format, height = 180, label } = props;
  const box = useRef<HTMLDivElement>(null);
  const theme = useThemeVersion();
  // Handlers change with every drawing of the page; the plot must not be made anew for that.
  const handlers = useRef(props);
  useEffect(() => {
    handlers.current = props;
  });
  const shape = lines
    .map(({ key, label: name, colour, dashed }) => `${key}\n${name}\n${colour}\n${dashed}`)
    .join("\n\n");
  const plot = useRef<uPlot | null>(null);
  const current = useRef({ times, lines });
  useEffect(() => {
    current.current = { times, lines };
  });
  useEffect(() => {
    const element = box.current;
    if (element === null) return undefined;
    const made = new uPlot(
      plotOptions({
        lines: current.current.lines,
        mode,
        zone,
        width: element.clientWidth,
        height,
        colour: resolveColour,
        format: (value) => handlers.current.format(value),
        onHover: (index) => handlers.current.onHover(index),
        onSelect: (span) => handlers.current.onSelect?.(span),
        selectable: handlers.current.onSelect !== undefined,
        lastTime: () => current.current.times.at(-1) ?? 0,
        step: () => stepOf(current.current.times),
      }),
      plotData({ ...current.current, mode }),
      element,
    );
    plot.current = made;
    const observer = new ResizeObserver(() => {
      if (element.clientWidth > 0) made.setSize({ width: element.clientWidth, height });
    });
    observer.observe(element);
    return () => {
      observer.disconnect();
      made.destroy();
      plot.current = null;
    };
  }, [shape, mode, zone, height, theme]);
  useEffect(() => {
    plot.current?.setData(plotData({ times, lines, mode }));
  }, [times, lines, mode]);
  return <div ref={box} role="img" aria-label={described({ label, times, lines, format })} style={{ height }} />;
}

function stepOf(times: readonly number[]): number {
  const [first = 0, second] = times;
  return second === undefined ? 3_600_000 : second - first;
}

function described({
  label,
  times,
  lines,
  format,
}: Pick<TimeSeriesProps, "label" | "times" | "lines" | "format">): string {
  const parts = lines.map(({ label: name, values }) => {
    const known = values.filter((value) => value !== null);
    return known.length === 0 ? `${name}: nothing` : `${name}: at most ${format(Math.max(...known))}`;
  });
  return `${label}, chart of ${times.length} steps. ${parts.join("; ")}. The button before it shows a table.`;
}
