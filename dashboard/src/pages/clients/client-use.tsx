/**
 * What a client used: budgets, and calls over time by model.
 * @module
 */
import { type ReactNode, useMemo, useState } from "react";
import { useApi } from "../../api/queries.ts";
import type { Series, Sums } from "../../api/types.ts";
import type { ChartLine } from "../../charts/chart-data.ts";
import { lineColour } from "../../charts/colours.ts";
import { TimeSeries } from "../../charts/time-series.tsx";
import { formatCompact, formatMoney } from "../../lib/format.ts";
import { type Range, spanOf } from "../../lib/range.ts";
import { pageLink } from "../../lib/search.ts";
import { useZone } from "../../lib/use-zone.ts";
import { Bar } from "../../ui/bar.tsx";
import { Link } from "../../ui/button.tsx";
import { Stat } from "../../ui/card.tsx";
import { RangePicker } from "../../ui/range.tsx";
import { Select } from "../../ui/select.tsx";
import { EmptyState, ErrorState, Skeleton } from "../../ui/states.tsx";
import { Count, Money, Time, Tokens } from "../../ui/values.tsx";
import { budgetRows, limitWords } from "./client-view.ts";
import type { Client } from "./types.ts";

type Measure = "calls" | "tokens" | "cost";

/** Budgets and charts of one client. */
export function ClientUse({ client }: { client: Client }): ReactNode {
  return (
    <>
      <Budgets client={client} />
      <UseOverTime clientId={client.id} />
    </>
  );
}

// --- helpers ---

const windowNames = { day: "Today", week: "This week", month: "This month", total: "In all" } as const;

function Budgets({ client }: { client: Client }): ReactNode {
  const budgets = budgetRows(client);
  const words = limitWords(client);
  return (
    <section className="flex flex-col gap-2">
      <h3 className="text-sm font-semibold">Limits and budgets</h3>
      {words.length > 0 && <p className="text-sm text-ink-soft">{words.join(" · ")}</p>}
      {budgets.length === 0 && words.length === 0 && (
        <p className="text-sm text-ink-soft">None: this client may use all that the pool gives.</p>
      )}
      {budgets.map((budget) => (
        <div key={budget.window} className="grid grid-cols-[6rem_1fr] items-center gap-3 text-sm">
          <span className="text-ink-faint">{windowNames[budget.window]}</span>
          <Bar
            used={budget.usedUsd}
            limit={budget.limitUsd}
            label={`budget, ${windowNames[budget.window]}`}
            format={formatMoney}
          />
        </div>
      ))}
      {client.usage.length > 0 && (
        <dl className="mt-1 grid grid-cols-2 gap-3 sm:grid-cols-4">
          {client.usage.map((usage) => (
            <Stat
              key={usage.window}
              label={windowNames[usage.window]}
              value={<Count n={usage.requests} />}
              hint={
                <>
                  <Tokens n={usage.tokens} /> tokens, <Money usd={usage.costUsd} />
                  {usage.window !== "total" && (
                    <>
                      <br />
                      since <Time at={usage.windowStart} />
                    </>
                  )}
                </>
              }
            />
          ))}
        </dl>
      )}
    </section>
  );
}

function UseOverTime({ clientId }: { clientId: string }): ReactNode {
  const zone = useZone();
  const [range, setRange] = useState<Range>({ kind: "last", last: "7d" });
  const [measure, setMeasure] = useState<Measure>("calls");
  // The end moves by whole minutes; between them the question stays the same and the answer is kept.
  const { fromMs, toMs } = spanOf(range, Date.now());
  const span = { fromMs, toMs, zone, clientId };
  const series = useApi("getSeries", { query: { ...span, by: "model", top: 5 } });
  const models = useApi("getBreakdown", { query: { ...span, by: "model", top: 10 } });
  const lines = useMemo(() => toLines(series.data, measure), [series.data, measure]);
  const times = series.data?.lines[0]?.points.map((point) => point.fromMs) ?? [];
  const format = measure === "cost" ? formatMoney : formatCompact;
  return (
    <section className="flex flex-col gap-3">
      <div className="flex flex-wrap items-end justify-between gap-2">
        <h3 className="text-sm font-semibold">Over time, by model</h3>
        <div className="flex flex-wrap items-end gap-2">
          <Select
            label="Measure"
            hideLabel
            className="w-28"
            value={measure}
            options={[
              { value: "calls", label: "Calls" },
              { value: "tokens", label: "Tokens" },
              { value: "cost", label: "Cost" },
            ]}
            onChange={setMeasure}
          />
          <RangePicker value={range} onChange={setRange} />
        </div>
      </div>
      {series.data === undefined ? (
        series.error === null ? (
          <Skeleton lines={4} className="h-10" />
        ) : (
          <ErrorState error={series.error} onRetry={() => void series.refetch()} />
        )
      ) : lines.length === 0 || (models.data?.total.calls ?? 1) === 0 ? (
        <EmptyState title="No calls in this range" />
      ) : (
        <TimeSeries label={`${measure} by model`} mode="bars" times={times} lines={lines} zone={zone} format={format} />
      )}
      {models.data !== undefined && models.data.rows.length > 0 && (
        <ul className="flex flex-col divide-y divide-line rounded-md border border-line text-sm">
          {models.data.rows.map((row) => (
            <li key={row.key} className="grid grid-cols-[1fr_auto_auto_auto] gap-3 px-3 py-2">
              <span className="truncate">{row.label === "" ? "no model" : row.label}</span>
              <span title="calls">
                <Count n={row.sums.calls} /> calls
              </span>
              <span>
                <Tokens n={row.sums.tokens.total} /> tok
              </span>
              <span className="w-20 text-right">
                <Money usd={row.sums.callsWithoutCost === row.sums.calls ? null : row.sums.costUsd} />
              </span>
            </li>
          ))}
        </ul>
      )}
      <Link to={pageLink("/calls", { clientId })} className="self-start text-sm">
        Its calls
      </Link>
    </section>
  );
}

function toLines(series: Series | undefined, measure: Measure): ChartLine[] {
  const valueOf = (sums: Sums): number =>
    measure === "calls" ? sums.calls : measure === "tokens" ? sums.tokens.total : sums.costUsd;
  return (series?.lines ?? []).map((line, index) => ({
    key: line.other ? " other" : line.key,
    label: line.other ? "others" : line.label === "" ? "no model" : line.label,
    colour: lineColour(index, line.other),
    values: line.points.map((point) => valueOf(point.sums)),
  }));
}
