/**
 * The calls: a histogram, a list under filters, a live tail, an export, and one call beside it.
 * @module
 */
import { type ReactNode, useMemo, useState } from "react";
import { useApi } from "../../api/queries.ts";
import { HistogramBars } from "../../charts/histogram.tsx";
import { type CallsSearch, callsLink, callsShape, countFilters, toCallFilter } from "../../lib/calls-search.ts";
import { type Range, spanOf } from "../../lib/range.ts";
import { useSearch } from "../../lib/use-search.ts";
import { useZone } from "../../lib/use-zone.ts";
import { IconButton } from "../../ui/button.tsx";
import { Card } from "../../ui/card.tsx";
import { PageHeader } from "../../ui/page.tsx";
import { RangePicker } from "../../ui/range.tsx";
import { ErrorState, Skeleton } from "../../ui/states.tsx";
import { Switch } from "../../ui/switch.tsx";
import { CallDrawer } from "./call-drawer.tsx";
import { CallFilters } from "./filters.tsx";
import { ColumnMenu, ExportMenu } from "./list-menus.tsx";
import { CallsList } from "./calls-list.tsx";
import { CallsTail } from "./calls-tail.tsx";
import { useColumns } from "./columns.tsx";
import { useNames } from "./use-names.ts";

/** The page. */
export function CallsPage(): ReactNode {
  const [search, change] = useSearch(callsShape);
  const zone = useZone();
  const columns = useColumns();
  const names = useNames({
    credentials: search.credentialId !== undefined || columns.some(({ id }) => id === "credential"),
  });
  const range: Range = search.range ?? lastDay;
  const live = search.live === true;
  // The end of the range stands still until somebody asks: rows must not move while they are read.
  const [asOf, setAsOf] = useState(() => Date.now());
  const span = useMemo(() => spanOf(range, asOf), [range, asOf]);
  const { call: openId, ...filtering } = search;
  // The key says all that the filter is made of.
  const key = callsLink(filtering);
  const filter = useMemo(() => toCallFilter(filtering, span), [key, span]);
  const tailFilter = useMemo(() => toCallFilter(filtering), [key]);
  const histogram = useApi(
    "getHistogram",
    { query: { ...filter, sinceMs: span.fromMs, untilMs: span.toMs } },
    { enabled: !live },
  );
  const set = (changed: CallsSearch): void => {
    setAsOf(Date.now());
    change(changed);
  };
  const table = {
    columns,
    names,
    openId: openId ?? null,
    linkOf: ({ id }: { id: string }) => callsLink({ ...search, call: id }),
    onOpen: ({ id }: { id: string }) => change({ call: id }),
  };
  return (
    <>
      <PageHeader
        title="Calls"
        actions={
          <>
            <Switch label="Live" checked={live} onChange={(on) => set({ live: on ? true : undefined })} />
            {!live && <RangePicker value={range} onChange={(next) => set({ range: next })} />}
            {!live && (
              <IconButton kind="secondary" icon="refresh" label="Refresh" onClick={() => setAsOf(Date.now())} />
            )}
          </>
        }
      />
      <CallFilters search={search} span={span} names={names} onChange={set} />
      {!live && (
        <Card>
          {histogram.error !== null && <ErrorState error={histogram.error} onRetry={() => void histogram.refetch()} />}
          {histogram.data === undefined && histogram.error === null && <Skeleton lines={2} className="h-8" />}
          {histogram.data !== undefined && (
            <HistogramBars
              bars={histogram.data.bars}
              widthMs={histogram.data.widthMs}
              countedFromMs={histogram.data.whole ? null : histogram.data.countedFromMs}
              zone={zone}
              onSelect={(chosen) => set({ range: { kind: "custom", ...chosen } })}
            />
          )}
          {histogram.data?.whole === false && (
            <p className="mt-1 text-xs text-ink-soft">
              This filter needs single calls: only the newest part of the range was counted; the rest is hatched.
            </p>
          )}
        </Card>
      )}
      <Card flush>
        <div className="flex flex-wrap items-center justify-end gap-2 border-b border-line p-2">
          <ColumnMenu shown={columns} />
          {!live && <ExportMenu filter={filter} zone={zone} />}
        </div>
        {live ? (
          <CallsTail filter={tailFilter} table={table} />
        ) : (
          <CallsList filter={filter} table={table} filtered={countFilters(search) > 0} />
        )}
      </Card>
      <CallDrawer id={openId ?? null} onClose={() => change({ call: undefined })} />
    </>
  );
}

// --- helpers ---

const lastDay: Range = { kind: "last", last: "24h" };
