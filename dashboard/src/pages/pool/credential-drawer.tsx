/**
 * One credential: how it fares, its quotas, editing and removing it.
 * @module
 */
import { type ReactNode, useState } from "react";
import { useApi, useChange, useIsAdmin } from "../../api/queries.ts";
import { Badge, StateBadge } from "../../ui/badge.tsx";
import { Button } from "../../ui/button.tsx";
import { ConfirmDialog, Drawer } from "../../ui/dialog.tsx";
import { ErrorState, Skeleton } from "../../ui/states.tsx";
import { useToast } from "../../ui/toast.tsx";
import { Time } from "../../ui/values.tsx";
import { CredentialActions, poolReads } from "./actions.tsx";
import { CredentialEditor } from "./credential-editor.tsx";
import { isOwnProject } from "./matrix.ts";
import { QuotaTable } from "./quota-table.tsx";
import { Rests } from "./rests.tsx";
import type { Credential } from "./types.ts";

/** The drawer of a credential. */
export function CredentialDrawer({ id, onClose }: { id: string; onClose: () => void }): ReactNode {
  const detail = useApi("getCredential", { params: { id } }, { refetchMs: 5_000 });
  const credential = detail.isPlaceholderData ? undefined : detail.data?.credential;
  return (
    <Drawer
      open
      onOpenChange={(open) => {
        if (!open) onClose();
      }}
      title={credential?.name ?? "Credential"}
      description={credential === undefined ? undefined : <span className="font-mono">{credential.masked}</span>}
    >
      {credential !== undefined ? (
        <>
          <Facts credential={credential} />
          <CredentialActions id={id} name={credential.name} enabled={credential.enabled} />
          <section className="flex flex-col gap-2">
            <h3 className="text-sm font-semibold">Health</h3>
            <Rests cooldowns={credential.cooldowns} disabled={credential.disabled} />
          </section>
          <section className="flex flex-col gap-2">
            <h3 className="text-sm font-semibold">Quotas of its project</h3>
            <QuotaTable quotas={detail.data?.quotas ?? []} withModel />
          </section>
          <Change key={credential.id} credential={credential} onRemoved={onClose} />
        </>
      ) : detail.error !== null ? (
        <ErrorState error={detail.error} onRetry={() => void detail.refetch()} />
      ) : (
        <Skeleton lines={8} />
      )}
    </Drawer>
  );
}

// --- helpers ---

function Facts({ credential }: { credential: Credential }): ReactNode {
  const rows: [string, ReactNode][] = [
    [
      "State",
      <StateBadge
        key="state"
        state={credential.recovering && credential.state === "active" ? "recovering" : credential.state}
      />,
    ],
    ["Project", isOwnProject(credential) ? "its own, as far as known" : credential.projectId],
    ["Tier, weight", `${credential.tier}, ${credential.weight}`],
    ["Calls under way", credential.inFlight],
    ["Attempts since start", credential.uses.toLocaleString("en-US")],
    ["Base URL", credential.baseUrl ?? "Google's"],
    ["Proxy", credential.proxy ?? "none of its own"],
    ["From", credential.source === "env" ? "the environment" : "this gateway's store"],
    ["Added", <Time key="created" at={credential.createdAt} />],
  ];
  return (
    <dl className="grid grid-cols-[9rem_1fr] gap-x-3 gap-y-1.5 text-sm [&_dd]:min-w-0 [&_dd]:break-words [&_dt]:text-ink-faint">
      {rows.map(([name, value]) => (
        <div key={name} className="contents">
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}

function Change({ credential, onRemoved }: { credential: Credential; onRemoved: () => void }): ReactNode {
  const isAdmin = useIsAdmin();
  const toast = useToast();
  const remove = useChange("deleteCredential", { refreshes: poolReads });
  const [removing, setRemoving] = useState(false);
  if (!isAdmin) return null;
  const isStored = credential.source === "stored";
  return (
    <>
      <CredentialEditor credential={credential} />
      <section className="flex flex-wrap items-center justify-between gap-2 border-t border-line pt-4">
        {isStored ? (
          <>
            <p className="text-sm text-ink-soft">Removing it takes the sealed key out of the store.</p>
            <Button kind="danger" icon="trash" onClick={() => setRemoving(true)}>
              Remove
            </Button>
          </>
        ) : (
          <Badge>Given by the environment: remove it there</Badge>
        )}
      </section>
      <ConfirmDialog
        open={removing}
        onOpenChange={setRemoving}
        title={`Remove ${credential.name}?`}
        body="Its sealed key is deleted and cannot be brought back. Files, caches and batches of its project stay with Google, and cannot be reached when no other key of that project is in the pool."
        action="Remove key"
        danger
        onConfirm={async () => {
          await remove.mutateAsync({ params: { id: credential.id } });
          toast.done(`${credential.name} was removed.`);
          onRemoved();
        }}
      />
    </>
  );
}
