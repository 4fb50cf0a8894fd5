/**
 * Who and what caused the figures: the largest rows, the rest as one, and the whole.
 * @module
 */
import type { ReactNode } from "react";
import { useApi } from "../../api/queries.ts";
import type { Dimension, Query, Sums } from "../../api/types.ts";
import { shareOf } from "../../lib/format.ts";
import type { Range } from "../../lib/range.ts";
import { Meter } from "../../ui/bar.tsx";
import { Link } from "../../ui/button.tsx";
import { Card } from "../../ui/card.tsx";
import { EmptyState, ErrorState, Skeleton } from "../../ui/states.tsx";
import { Table, Td, Th } from "../../ui/table.tsx";
import { Tabs } from "../../ui/tabs.tsx";
import { Count, Duration, Money, Percent, Tokens } from "../../ui/values.tsx";
import { dimensionNames, dimensions, type Order, rowLink } from "./breakdown-columns.ts";
import { errorRate, firstTryShare } from "./sums.ts";

/** The table with its tabs. */
export function Breakdown({
  query,
  range,
  by,
  order,
  onChange,
}: {
  query: Query<"getSummary">;
  range: Range;
  by: Dimension;
  order: Order;
  onChange: (change: { by?: Dimension; order?: Order }) => void;
}): ReactNode {
  const breakdown = useApi("getBreakdown", { query: { ...query, by, order, top: 15 } }, { refetchMs: 60_000 });
  const data = breakdown.data?.by === by ? breakdown.data : undefined;
  const sortable = (own: Order) => ({
    sort: own === order ? ("descending" as const) : null,
    onSort: () => onChange({ order: own }),
  });
  return (
    <Card title="Breakdown" flush>
      <div className="px-3 sm:px-4">
        <Tabs
          label="Break down by"
          value={by}
          onChange={(next) => onChange({ by: next })}
          tabs={dimensions.map((value) => ({ value, label: dimensionNames[value] }))}
        />
      </div>
      {breakdown.error !== null && (
        <div className="px-3 sm:px-4">
          <ErrorState error={breakdown.error} onRetry={() => void breakdown.refetch()} />
        </div>
      )}
      {data === undefined && breakdown.error === null && (
        <div className="p-4">
          <Skeleton lines={4} />
        </div>
      )}
      {data !== undefined && data.rows.length === 0 && <EmptyState title="No calls in this range" />}
      {data !== undefined && data.rows.length > 0 && (
        <Table
          label={`Usage by ${dimensionNames[by].toLowerCase()}`}
          className={breakdown.isPlaceholderData ? "opacity-60" : ""}
        >
          <thead>
            <tr>
              <Th className="min-w-40">{dimensionNames[by]}</Th>
              <Th right {...sortable("calls")}>
                Calls
              </Th>
              <Th className="min-w-24">Share</Th>
              <Th right {...sortable("errors")}>
                Errors
              </Th>
              <Th right>First try</Th>
              <Th right {...sortable("tokens")}>
                Tokens
              </Th>
              <Th right {...sortable("cost")}>
                Cost
              </Th>
              <Th right>Median</Th>
              <Th right>95th</Th>
            </tr>
          </thead>
          <tbody>
            {data.rows.map(({ key, label, sums }) => {
              const link = rowLink(by, key, range);
              const name = label === "" ? "none" : label;
              return (
                <SumsRow key={key} sums={sums} total={data.total} name={name}>
                  {link === null ? <span className="text-ink-soft">{name}</span> : <Link to={link}>{name}</Link>}
                </SumsRow>
              );
            })}
            {data.other !== null && (
              <SumsRow sums={data.other} total={data.total} name="all others">
                <span className="text-ink-soft">all others</span>
              </SumsRow>
            )}
            <SumsRow sums={data.total} total={data.total} name="total" strong>
              Total
            </SumsRow>
          </tbody>
        </Table>
      )}
    </Card>
  );
}

// --- helpers ---

function SumsRow({
  sums,
  total,
  name,
  strong = false,
  children,
}: {
  sums: Sums;
  total: Sums;
  name: string;
  strong?: boolean;
  children: ReactNode;
}): ReactNode {
  const share = shareOf(sums.calls, total.calls);
  return (
    <tr className={strong ? "font-semibold" : ""}>
      <Td className="max-w-72 break-words">{children}</Td>
      <Td right>
        <Count n={sums.calls} />
      </Td>
      <Td>{!strong && share !== null && <ShareBar share={share} label={`share of ${name}`} />}</Td>
      <Td right>
        <Percent share={errorRate(sums)} />
      </Td>
      <Td right>
        <Percent share={firstTryShare(sums)} />
      </Td>
      <Td right>
        <Tokens n={sums.tokens.total} />
      </Td>
      <Td right>
        <Money usd={sums.calls > 0 && sums.callsWithoutCost === sums.calls ? null : sums.costUsd} />
      </Td>
      <Td right>
        <Duration ms={sums.latencyP50Ms} />
      </Td>
      <Td right>
        <Duration ms={sums.latencyP95Ms} />
      </Td>
    </tr>
  );
}

/** A share is not a use of a limit: 100 % is nothing to warn of. */
function ShareBar({ share, label }: { share: number; label: string }): ReactNode {
  return (
    <span className="flex items-center gap-2">
      <Meter share={share} label={label} plain />
      <span className="w-11 text-right text-xs text-ink-soft">
        <Percent share={share} />
      </span>
    </span>
  );
}
