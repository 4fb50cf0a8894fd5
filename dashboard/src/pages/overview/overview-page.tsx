/**
 * How the gateway fares: what needs a person, the figures of a range, their course, and who caused them.
 * @module
 */
import type { ReactNode } from "react";
import { useApi } from "../../api/queries.ts";
import { formatRange, parseRange, type Range } from "../../lib/range.ts";
import { customField, wordField } from "../../lib/search.ts";
import { useSearch } from "../../lib/use-search.ts";
import { useSpan } from "../../lib/use-span.ts";
import { useZone } from "../../lib/use-zone.ts";
import { PageHeader } from "../../ui/page.tsx";
import { RangePicker } from "../../ui/range.tsx";
import { ErrorState } from "../../ui/states.tsx";
import { AttentionList } from "./attention-list.tsx";
import { Breakdown } from "./breakdown.tsx";
import { dimensions, orders } from "./breakdown-columns.ts";
import { FirstStart } from "./first-start.tsx";
import { SummaryStats } from "./summary-stats.tsx";
import { UsageCharts } from "./usage-charts.tsx";

/** The page. */
export function OverviewPage(): ReactNode {
  const [search, change] = useSearch(shape);
  const range: Range = search.range ?? lastDay;
  const span = useSpan(range);
  const zone = useZone();
  const query = { ...span, zone };
  const summary = useApi("getSummary", { query }, { refetchMs });
  const series = useApi("getSeries", { query }, { refetchMs: 60_000 });
  const points = series.data?.lines[0]?.points;
  return (
    <>
      <PageHeader
        title="Overview"
        actions={<RangePicker value={range} onChange={(next) => change({ range: next })} />}
      />
      <AttentionList />
      <FirstStart />
      {summary.error !== null && <ErrorState error={summary.error} onRetry={() => void summary.refetch()} />}
      <SummaryStats
        summary={summary.data ?? null}
        points={points?.map(({ sums }) => sums) ?? null}
        stale={summary.isPlaceholderData}
      />
      <UsageCharts
        series={series}
        zone={zone}
        onSelect={(chosen) => change({ range: { kind: "custom", ...chosen } })}
      />
      <Breakdown
        query={query}
        range={range}
        by={search.by ?? "model"}
        order={search.order ?? "calls"}
        onChange={(next) => change(next, { replace: true })}
      />
    </>
  );
}

// --- helpers ---

/** Roll-ups are read: cheap, but nothing changes faster than people look. */
const refetchMs = 30_000;
const lastDay: Range = { kind: "last", last: "24h" };
const shape = {
  range: customField<Range>(parseRange, formatRange),
  by: wordField(dimensions),
  order: wordField(orders),
};
