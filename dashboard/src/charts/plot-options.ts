/**
 * How uPlot draws our charts.
 * @module
 */
import uPlot from "uplot";
import { axisLabel, type ChartLine, niceTicks, stack } from "./chart-data.ts";
import type { ChartColour } from "./colours.ts";

/** Data as uPlot wants it. Stacked layers are drawn from the highest, so they come in reverse. */
export function plotData(chart: {
  times: readonly number[];
  lines: readonly ChartLine[];
  mode: "bars" | "lines";
}): uPlot.AlignedData {
  const values = chart.mode === "bars" ? stack(chart.lines).toReversed() : chart.lines.map((line) => [...line.values]);
  return [[...chart.times], ...values];
}

/** Options of a chart. */
export function plotOptions(chart: {
  lines: readonly ChartLine[];
  mode: "bars" | "lines";
  zone: string;
  width: number;
  height: number;
  colour: (name: ChartColour) => string;
  format: (value: number) => string;
  onHover: (index: number | null) => void;
  onSelect: (span: { fromMs: number; toMs: number }) => void;
  selectable: boolean;
  /** Begin of the last step. */
  lastTime: () => number;
  /** Width of a step, milliseconds. */
  step: () => number;
}): uPlot.Options {
  const { mode, zone, colour } = chart;
  const font = '11px system-ui, -apple-system, "Segoe UI", sans-serif';
  const axis = { stroke: colour("ink-faint"), font, ticks: { show: false }, gap: 6 };
  const drawn = mode === "bars" ? chart.lines.toReversed() : chart.lines;
  return {
    width: chart.width,
    height: chart.height,
    ms: 1,
    tzDate: (at) => uPlot.tzDate(new Date(at), zone),
    legend: { show: false },
    padding: [8, 4, 0, 0],
    cursor: {
      y: false,
      points: { show: mode === "lines", size: 6 },
      drag: { x: chart.selectable, y: false, setScale: false },
    },
    scales: {
      x: {
        time: true,
        // Bars stand on the middle of their step's begin: half a step more on both sides.
        range: (_, from, to) => {
          const half = mode === "bars" ? chart.step() / 2 : 0;
          return from === to ? [from - chart.step(), to + chart.step()] : [from - half, to + half];
        },
      },
      y: { range: (_, __, most) => [0, niceTicks(most ?? 0).at(-1) ?? 1] },
    },
    axes: [
      {
        ...axis,
        space: 56,
        size: 26,
        grid: { show: false },
        values: (_, splits, __, ___, stepMs) => splits.map((at) => axisLabel(at, { zone, stepMs })),
      },
      {
        ...axis,
        size: (_, labels) => 14 + 6.2 * Math.max(3, ...(labels ?? []).map((label) => label.length)),
        grid: { stroke: colour("chart-line"), width: 1 },
        splits: (_, __, ___, most) => niceTicks(most),
        values: (_, splits) => splits.map((value) => chart.format(value).replace(/\.0+(?=[kMBT]|\s|$)/, "")),
      },
    ],
    series: [{}, ...drawn.map((line) => seriesOf(line, { mode, colour: colour(line.colour) }))],
    hooks: {
      setCursor: [({ cursor }) => chart.onHover(cursor.idx ?? null)],
      setSelect: [
        (plot) => {
          if (plot.select.width < 4) return;
          const at = (left: number): number => Math.round(plot.posToVal(left, "x"));
          const half = mode === "bars" ? chart.step() / 2 : 0;
          const fromMs = at(plot.select.left) + half;
          const toMs = Math.min(at(plot.select.left + plot.select.width) + half, chart.lastTime() + chart.step());
          plot.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
          if (toMs - fromMs >= 1000) chart.onSelect({ fromMs: Math.max(0, fromMs), toMs });
        },
      ],
    },
  };
}

// --- helpers ---

function seriesOf(line: ChartLine, { mode, colour }: { mode: "bars" | "lines"; colour: string }): uPlot.Series {
  if (mode === "lines")
    return {
      label: line.label,
      stroke: colour,
      width: 1.75,
      spanGaps: false,
      // A point without neighbours has no line: it would not be seen at all.
      points: { show: true, size: 5, fill: colour, filter: (plot, index) => alone(plot.data[index] ?? []) },
      ...(line.dashed === true ? { dash: [5, 4] } : {}),
    };
  const bars = uPlot.paths.bars;
  return {
    label: line.label,
    fill: colour,
    width: 0,
    points: { show: false },
    ...(bars === undefined ? {} : { paths: bars({ size: [0.82, 48], radius: 0 }) }),
  };
}

function alone(values: ArrayLike<number | null | undefined>): number[] {
  const found: number[] = [];
  for (let index = 0; index < values.length; index += 1)
    if (values[index] != null && values[index - 1] == null && values[index + 1] == null) found.push(index);
  return found;
}
