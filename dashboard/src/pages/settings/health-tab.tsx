/**
 * How the gateway fares, and what it is.
 * @module
 */
import type { ReactNode } from "react";
import { useApi } from "../../api/queries.ts";
import { formatDuration } from "../../lib/format.ts";
import { Badge, StateBadge } from "../../ui/badge.tsx";
import { Link } from "../../ui/button.tsx";
import { Card, Stat } from "../../ui/card.tsx";
import { CopyButton } from "../../ui/code.tsx";
import { ErrorState, Notice, Skeleton } from "../../ui/states.tsx";
import { Bytes, Count, Time } from "../../ui/values.tsx";

/** The tab. */
export function HealthTab(): ReactNode {
  const health = useApi("getHealth", {}, { refetchMs: 5_000 });
  if (health.data === undefined)
    return health.error === null ? (
      <Skeleton lines={8} />
    ) : (
      <ErrorState error={health.error} onRetry={() => void health.refetch()} />
    );
  const { data } = health;
  const { ledger } = data;
  return (
    <div className="flex flex-col gap-4">
      {health.error !== null && <ErrorState error={health.error} onRetry={() => void health.refetch()} compact />}
      {data.draining && (
        <Notice tone="warn">The gateway is shutting down: open calls may end, new ones are refused.</Notice>
      )}
      <Card title="Gateway">
        <dl className="grid grid-cols-2 gap-4 sm:grid-cols-3 lg:grid-cols-6">
          <Stat label="State" value={<StateBadge state={data.status} />} />
          <Stat label="Version" value={data.version} hint={`on ${data.host}`} />
          <Stat
            label="Up"
            value={formatDuration(data.uptimeSeconds * 1000)}
            hint={
              <>
                since <Time at={data.startedAt} />
              </>
            }
          />
          <Stat label="Open calls" value={<Count n={data.openCalls} />} />
          <Stat label="Memory" value={<Bytes n={data.memory.rssBytes} />} hint="of the whole process" />
          <Stat
            label="Credentials"
            value={`${data.pool.usable.toLocaleString("en-US")} / ${data.pool.total.toLocaleString("en-US")}`}
            hint="can serve now"
          />
        </dl>
        <p className="mt-4 flex items-center gap-2 text-sm">
          <span className="text-ink-faint">Address</span>
          <span className="font-mono text-xs break-all">{data.url}</span>
          <CopyButton text={data.url} iconOnly label="Copy address" />
        </p>
      </Card>
      <Card title="Ledger">
        {ledger === null ? (
          <p className="text-sm text-ink-soft">Calls are not recorded (LEDGER is off).</p>
        ) : (
          <>
            <dl className="grid grid-cols-2 gap-4 sm:grid-cols-3 lg:grid-cols-6">
              <Stat label="Waiting to be written" value={<Count n={ledger.queued} />} />
              <Stat label="Kept in the journal" value={<Count n={ledger.spilled} />} hint="written later" />
              <Stat label="Lost" value={<Count n={ledger.lost} />} />
              <Stat label="Failed writes" value={<Count n={ledger.failures} />} />
              <Stat label="Size" value={<Bytes n={ledger.bytes} />} />
              <Stat label="Oldest call" value={<Time at={ledger.oldestCallMs} style="ago" />} />
            </dl>
            {ledger.lastError !== null && (
              <div className="mt-3">
                <Notice tone="warn">Last fault: {ledger.lastError}</Notice>
              </div>
            )}
          </>
        )}
      </Card>
      <div className="grid gap-4 lg:grid-cols-2">
        <Card title="Features">
          <ul className="flex flex-wrap gap-2">
            {Object.entries(data.features).map(([name, on]) => (
              <li key={name}>
                <Badge tone={on ? "ok" : "neutral"} icon={on ? "check" : "off"}>
                  {name}: {on ? "on" : "off"}
                </Badge>
              </li>
            ))}
          </ul>
        </Card>
        <Card title="Elsewhere">
          <ul className="flex flex-col gap-2 text-sm">
            <Elsewhere path="/health" what="for load balancers, without a key" />
            <Elsewhere path="/ready" what="503 while it starts or shuts down" />
            <Elsewhere path="/metrics" what="for Prometheus; wants METRICS_TOKEN or the admin token" />
            <li>
              <Link to="/connect">Connect</Link> <span className="text-ink-soft">settings for clients</span>
            </li>
            <li className="text-ink-soft">
              In the package: <code>docs/configuration.md</code>, <code>docs/errors.md</code>,{" "}
              <code>docs/verdicts.md</code>, <code>docs/openapi.json</code>
            </li>
          </ul>
        </Card>
      </div>
    </div>
  );
}

// --- helpers ---

function Elsewhere({ path, what }: { path: string; what: string }): ReactNode {
  return (
    <li className="flex flex-wrap items-baseline gap-2">
      <Link to={location.origin + path} className="font-mono text-xs">
        {path}
      </Link>
      <span className="text-ink-soft">{what}</span>
    </li>
  );
}
