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
import { accountFacts, AccountQuotaSection } from "./account-sections.tsx";
import { CredentialActions } from "./actions.tsx";
import { poolReads } from "./reads.ts";
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
      description={credential === undefined ? undefined : <Who credential={credential} />}
    >
      {credential !== undefined ? (
        <>
          <Facts credential={credential} />
          <CredentialActions id={id} name={credential.name} kind={credential.kind} enabled={credential.enabled} />
          <section className="flex flex-col gap-2">
            <h3 className="text-sm font-semibold">Health</h3>
            <Rests cooldowns={credential.cooldowns} disabled={credential.disabled} />
          </section>
          {credential.account !== null && <AccountQuotaSection id={id} />}
          {(credential.account === null || (detail.data?.quotas.length ?? 0) > 0) && (
            <section className="flex flex-col gap-2">
              <h3 className="text-sm font-semibold">
                {credential.account === null ? "Quotas of its project" : "Limits that this gateway keeps to"}
              </h3>
              <QuotaTable quotas={detail.data?.quotas ?? []} withModel />
            </section>
          )}
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

function Who({ credential }: { credential: Credential }): ReactNode {
  return credential.account === null ? (
    <span className="font-mono">{credential.masked}</span>
  ) : (
    <>
      <Badge>Code Assist</Badge> {credential.masked !== credential.name && credential.masked}
    </>
  );
}

function Facts({ credential }: { credential: Credential }): ReactNode {
  const rows: [string, ReactNode][] = [
    [
      "State",
      <StateBadge
        key="state"
        state={credential.recovering && credential.state === "active" ? "recovering" : credential.state}
      />,
    ],
    ...(credential.account === null ? [] : accountFacts(credential.account)),
    [
      credential.account === null ? "Project" : "Quota group",
      isOwnProject(credential) ? "its own, as far as known" : credential.projectId,
    ],
    ["Tier, weight", `${credential.tier}, ${credential.weight}`],
    ["Calls under way", credential.inFlight],
    ["Attempts since start", credential.uses.toLocaleString("en-US")],
    ...(credential.account === null
      ? [["Base URL", credential.baseUrl ?? "Google's"] satisfies [string, ReactNode]]
      : []),
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
            <p className="text-sm text-ink-soft">
              {credential.account === null
                ? "Removing it takes the sealed key out of the store."
                : "Removing it takes the sealed tokens out of the store. Google goes on taking them until its owner ends the access."}
            </p>
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
        body={
          credential.account === null
            ? "Its sealed key is deleted and cannot be brought back. Files, caches and batches of its project stay with Google, and cannot be reached when no other key of that project is in the pool."
            : "Its sealed tokens are deleted and cannot be brought back: it would have to log in again."
        }
        action={credential.account === null ? "Remove key" : "Remove account"}
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
