/**
 * The course of calls, tokens, cost and latency over a range. One read serves all four.
 * @module
 */
import type { UseQueryResult } from "@tanstack/react-query";
import { type ReactNode, useMemo } from "react";
import type { ApiError } from "../../api/error.ts";
import type { Series, Sums } from "../../api/types.ts";
import type { ChartLine } from "../../charts/chart-data.ts";
import type { ChartColour } from "../../charts/colours.ts";
import { TimeSeries } from "../../charts/time-series.tsx";
import { formatCompact, formatDuration, formatMoney } from "../../lib/format.ts";
import type { Span } from "../../lib/range.ts";
import { Card } from "../../ui/card.tsx";
import { ErrorState, Skeleton } from "../../ui/states.tsx";
import { failedCalls, freshPrompt, goodCalls } from "./sums.ts";

/** Four charts. Dragging over one of them narrows the range. */
export function UsageCharts({
  series,
  zone,
  onSelect,
}: {
  series: UseQueryResult<Series, ApiError>;
  zone: string;
  onSelect: (span: Span) => void;
}): ReactNode {
  const points = series.data?.lines[0]?.points;
  const charts = useMemo(() => {
    const sums = (points ?? []).map((point) => point.sums);
    return { times: (points ?? []).map(({ fromMs }) => fromMs), all: chartsOf(sums) };
  }, [points]);
  if (series.error !== null && points === undefined)
    return <ErrorState error={series.error} onRetry={() => void series.refetch()} />;
  return (
    <div className={`grid gap-4 transition-opacity xl:grid-cols-2 ${series.isPlaceholderData ? "opacity-60" : ""}`}>
      {charts.all.map(({ label, mode, lines, format }) => (
        <Card key={label} title={label}>
          {points === undefined ? (
            <Skeleton lines={4} className="h-10" />
          ) : (
            <TimeSeries
              label={label}
              mode={mode}
              times={charts.times}
              lines={lines}
              zone={series.data?.zone ?? zone}
              format={format}
              onSelect={onSelect}
            />
          )}
        </Card>
      ))}
    </div>
  );
}

// --- helpers ---

interface Chart {
  label: string;
  mode: "bars" | "lines";
  lines: ChartLine[];
  format: (value: number | null) => string;
}

function chartsOf(sums: readonly Sums[]): Chart[] {
  const line = (
    label: string,
    look: { colour: ChartColour; dashed?: boolean },
    value: (sums: Sums) => number | null,
  ): ChartLine => ({ key: label, label, ...look, values: sums.map(value) });
  const withSome = (lines: ChartLine[]): ChartLine[] => {
    const some = lines.filter(({ values }, index) => index === 0 || values.some((value) => (value ?? 0) > 0));
    return some;
  };
  return [
    {
      label: "Calls",
      mode: "bars",
      format: formatCompact,
      lines: withSome([
        line("ok", { colour: "chart-1" }, goodCalls),
        line("refused", { colour: "chart-5" }, ({ refused }) => refused),
        line("cancelled", { colour: "chart-7" }, ({ cancelled }) => cancelled),
        line("failed", { colour: "chart-bad" }, failedCalls),
      ]),
    },
    {
      label: "Tokens",
      mode: "bars",
      format: formatCompact,
      lines: withSome([
        line("prompt", { colour: "chart-1" }, freshPrompt),
        line("cached", { colour: "chart-7" }, ({ tokens }) => tokens.cached),
        line("output", { colour: "chart-2" }, ({ tokens }) => tokens.output),
        line("thoughts", { colour: "chart-4" }, ({ tokens }) => tokens.thoughts),
        line("tool use", { colour: "chart-3" }, ({ tokens }) => tokens.toolUse),
      ]),
    },
    {
      label: "Cost",
      mode: "bars",
      format: formatMoney,
      lines: [line("known cost", { colour: "chart-3" }, ({ costUsd }) => costUsd)],
    },
    {
      label: "Latency",
      mode: "lines",
      format: formatDuration,
      lines: [
        line("median", { colour: "chart-1" }, ({ latencyP50Ms }) => latencyP50Ms),
        line("95th percentile", { colour: "chart-2" }, ({ latencyP95Ms }) => latencyP95Ms),
        line("first byte, median", { colour: "chart-3", dashed: true }, ({ firstByteP50Ms }) => firstByteP50Ms),
        line("first byte, 95th", { colour: "chart-4", dashed: true }, ({ firstByteP95Ms }) => firstByteP95Ms),
      ],
    },
  ];
}
