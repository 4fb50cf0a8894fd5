/**
 * Limits of a project and model with what is used of them, and where each limit is known from.
 * @module
 */
import type { ReactNode } from "react";
import { StateBadge } from "../../ui/badge.tsx";
import { Bar } from "../../ui/bar.tsx";
import { Table, Td, Th } from "../../ui/table.tsx";
import { Countdown, Time } from "../../ui/values.tsx";
import { quotaLabel } from "./matrix.ts";
import type { Quota } from "./types.ts";

/** A table of quotas; nothing is known: it says so. */
export function QuotaTable({
  quotas,
  withModel = false,
}: {
  quotas: readonly Quota[];
  withModel?: boolean;
}): ReactNode {
  if (quotas.length === 0)
    return (
      <p className="text-sm text-ink-soft">
        No limit is known yet. Limits are learned from Google's answers, or set with QUOTA_LIMITS.
      </p>
    );
  return (
    <Table label="Quotas" maxHeight="22rem">
      <thead>
        <tr>
          {withModel && <Th>Model</Th>}
          <Th>Limit</Th>
          <Th className="w-1/3">Used</Th>
          <Th>State</Th>
          <Th>Room again</Th>
          <Th>Known from</Th>
        </tr>
      </thead>
      <tbody>
        {quotas.map((quota) => (
          <tr key={`${quota.projectId} ${quota.model} ${quota.metric} ${quota.window}`}>
            {withModel && <Td className="max-w-40 truncate">{quota.model}</Td>}
            <Td title={`${quota.metric} per ${quota.window}`}>{quotaLabel(quota)}</Td>
            <Td>
              {quota.state === "unavailable" ? (
                <span className="text-xs text-ink-soft">limit 0: not offered to this project</span>
              ) : (
                <Bar used={quota.used} limit={quota.value} label={`${quota.metric} per ${quota.window}`} />
              )}
            </Td>
            <Td>
              <StateBadge state={quota.state} />
            </Td>
            <Td>
              {quota.state === "unavailable" ? (
                "—"
              ) : quota.roomAtMs === null ? (
                "now"
              ) : (
                <Countdown until={quota.roomAtMs} />
              )}
            </Td>
            <Td className="text-xs text-ink-soft">
              {quota.source === "google" ? (
                <>
                  Google, <Time at={quota.learnedAt} style="ago" />
                </>
              ) : (
                "configured"
              )}
            </Td>
          </tr>
        ))}
      </tbody>
    </Table>
  );
}
