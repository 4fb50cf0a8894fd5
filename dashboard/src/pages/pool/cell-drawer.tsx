/**
 * One credential and one model: why it is as it is, the limits, and the attempts that led there.
 * @module
 */
import type { ReactNode } from "react";
import { useApi } from "../../api/queries.ts";
import { Badge } from "../../ui/badge.tsx";
import { Link } from "../../ui/button.tsx";
import { Drawer } from "../../ui/dialog.tsx";
import { ErrorState, Skeleton } from "../../ui/states.tsx";
import { Table, Td, Th } from "../../ui/table.tsx";
import { Countdown, Time } from "../../ui/values.tsx";
import { CredentialActions } from "./actions.tsx";
import { causeWords } from "./causes.ts";
import { cellStateWords } from "./matrix.ts";
import { QuotaTable } from "./quota-table.tsx";
import { Rests } from "./rests.tsx";
import type { CellDetail } from "./types.ts";

/** The drawer; it is open while it has an id. */
export function CellDrawer({
  id,
  model,
  onClose,
  onOpenCredential,
}: {
  id: string;
  model: string;
  onClose: () => void;
  onOpenCredential: () => void;
}): ReactNode {
  const cell = useApi("getCell", { params: { id }, query: { model } }, { refetchMs: 5_000 });
  const credential = useApi("getCredential", { params: { id } });
  const shown = credential.data?.credential;
  return (
    <Drawer
      open
      onOpenChange={(open) => {
        if (!open) onClose();
      }}
      title={model}
      description={
        shown !== undefined && (
          <button type="button" className="link" onClick={onOpenCredential}>
            {shown.name} · {shown.masked}
          </button>
        )
      }
    >
      {cell.data !== undefined && !cell.isPlaceholderData ? (
        <Detail detail={cell.data} />
      ) : cell.error !== null ? (
        <ErrorState error={cell.error} onRetry={() => void cell.refetch()} />
      ) : (
        <Skeleton lines={6} />
      )}
      {shown !== undefined && <CredentialActions id={id} name={shown.name} kind={shown.kind} enabled={shown.enabled} />}
      {cell.data !== undefined && !cell.isPlaceholderData && <Attempts attempts={cell.data.attempts} />}
    </Drawer>
  );
}

// --- helpers ---

function Detail({ detail }: { detail: CellDetail }): ReactNode {
  const { cell } = detail;
  const words = cellStateWords(cell.state);
  return (
    <>
      <p className="flex flex-wrap items-center gap-2 text-sm">
        <Badge tone={words.tone} icon={words.icon}>
          {words.label}
        </Badge>
        {cell.cause !== null && causeWords(cell.cause)}
        {cell.untilMs !== null && (
          <span className="text-ink-soft">
            may serve again in <Countdown until={cell.untilMs} /> (<Time at={cell.untilMs} />)
          </span>
        )}
      </p>
      {/* A full cell may have no rest: that it may serve now would be wrong. */}
      {(cell.state !== "full" || detail.cooldowns.length > 0) && (
        <Rests cooldowns={detail.cooldowns} disabled={detail.disabled} />
      )}
      <section className="flex flex-col gap-2">
        <h3 className="text-sm font-semibold">Quotas</h3>
        <QuotaTable quotas={detail.quotas} />
      </section>
    </>
  );
}

function Attempts({ attempts }: { attempts: CellDetail["attempts"] }): ReactNode {
  return (
    <section className="flex flex-col gap-2">
      <h3 className="text-sm font-semibold">Last attempts</h3>
      {attempts.length === 0 ? (
        <p className="text-sm text-ink-soft">None is in the ledger.</p>
      ) : (
        <Table label="Last attempts">
          <thead>
            <tr>
              <Th>Time</Th>
              <Th>Status</Th>
              <Th>Rule</Th>
              <Th>Words, or why it ended</Th>
            </tr>
          </thead>
          <tbody>
            {attempts.map((attempt) => (
              <tr key={`${attempt.callId} ${attempt.number}`}>
                <Td>
                  <Link to={`/calls/${encodeURIComponent(attempt.callId)}`}>
                    <Time at={attempt.startedAt} />
                  </Link>
                </Td>
                <Td>{attempt.status ?? "no answer"}</Td>
                <Td className="font-mono text-xs">{attempt.rule}</Td>
                <Td className="max-w-64 truncate text-xs text-ink-soft" title={attempt.words ?? ""}>
                  {attempt.words ?? attempt.finishReason ?? ""}
                </Td>
              </tr>
            ))}
          </tbody>
        </Table>
      )}
    </section>
  );
}
