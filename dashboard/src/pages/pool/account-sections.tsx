/**
 * What the drawer of a credential shows of an account: its facts, and what Google says is left of its quota.
 * @module
 */
import type { ReactNode } from "react";
import { useApi } from "../../api/queries.ts";
import { useNow } from "../../lib/use-now.ts";
import { Meter } from "../../ui/bar.tsx";
import { ErrorState, Skeleton } from "../../ui/states.tsx";
import { Table, Td, Th } from "../../ui/table.tsx";
import { Countdown, Time } from "../../ui/values.tsx";
import { leftWords } from "./account-form.ts";
import type { Account, AccountQuota } from "./types.ts";

/** Facts as rows of the drawer's list. */
export function accountFacts(account: Account): [string, ReactNode][] {
  const { email, cloudProject, wantedProject, tier, tokenExpiresAt, lastRefreshAt, lastError } = account;
  const wanted = wantedProject === null ? "" : ` (chosen here: ${wantedProject})`;
  return [
    ["Address", email ?? "not known yet"],
    ["Licence", tier ?? "not known yet"],
    ["Cloud project", `${cloudProject ?? "not found yet"}${wanted}`],
    ["Access token", tokenExpiresAt === null ? "none yet" : <TokenEnd key="token" at={tokenExpiresAt} />],
    ["Refreshed", lastRefreshAt === null ? "not yet" : <Time key="refresh" at={lastRefreshAt} style="ago" />],
    ...(lastError === null ? [] : [["Last fault", lastError] satisfies [string, ReactNode]]),
  ];
}

/** What is left, by model. */
export function AccountQuotaSection({ id }: { id: string }): ReactNode {
  const quota = useApi("getAccountQuota", { params: { id } }, { refetchMs: 30_000 });
  return (
    <section className="flex flex-col gap-2">
      <h3 className="text-sm font-semibold">What Google says is left</h3>
      {quota.data !== undefined && !quota.isPlaceholderData ? (
        <Buckets quota={quota.data} />
      ) : quota.error !== null ? (
        <ErrorState error={quota.error} onRetry={() => void quota.refetch()} compact />
      ) : (
        <Skeleton lines={3} />
      )}
    </section>
  );
}

// --- helpers ---

function TokenEnd({ at }: { at: number }): ReactNode {
  const over = useNow(30_000) >= at;
  return (
    <>
      {over ? "ended" : "ends"} <Time at={at} /> (<Time at={at} style="ago" />)
    </>
  );
}

function Buckets({ quota }: { quota: AccountQuota }): ReactNode {
  if (quota.buckets.length === 0) return <p className="text-sm break-words text-ink-soft">{quota.words}</p>;
  return (
    <>
      <Table label="Quota of the account" maxHeight="18rem">
        <thead>
          <tr>
            <Th>Model</Th>
            <Th>Left</Th>
            <Th>Starts anew in</Th>
          </tr>
        </thead>
        <tbody>
          {quota.buckets.map(({ model, unit, remaining, fraction, resetAt }) => (
            <tr key={`${model} ${unit}`}>
              <Td className="max-w-48 truncate" title={model ?? undefined}>
                {model ?? "all models"}
                {unit !== null && <span className="block text-xs text-ink-faint">{unit.toLowerCase()}</span>}
              </Td>
              <Td>
                <span className="block text-xs whitespace-nowrap tabular-nums">
                  {leftWords({ remaining, fraction }) ?? "not told"}
                </span>
                {fraction !== null && <Meter share={1 - fraction} label={`used by ${model ?? "all models"}`} />}
              </Td>
              <Td>
                <Countdown until={resetAt} />
              </Td>
            </tr>
          ))}
        </tbody>
      </Table>
      <p className="text-xs text-ink-faint">
        Read <Time at={quota.readAt} style="ago" />; Google is asked every 20 seconds at most.
      </p>
    </>
  );
}
