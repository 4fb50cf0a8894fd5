/**
 * One client: its use over time, changing it, revoking it.
 * @module
 */
import { type ReactNode, useState } from "react";
import { useApi, useChange, useIsAdmin } from "../../api/queries.ts";
import { useZone } from "../../lib/use-zone.ts";
import { Badge } from "../../ui/badge.tsx";
import { Button } from "../../ui/button.tsx";
import { Drawer } from "../../ui/dialog.tsx";
import { EmptyState, ErrorState, Skeleton } from "../../ui/states.tsx";
import { Tabs } from "../../ui/tabs.tsx";
import { useToast } from "../../ui/toast.tsx";
import { ClientFields } from "./client-fields.tsx";
import { changedFields, type ClientForm, readClientForm, toClientForm } from "./client-form.ts";
import { ClientUse } from "./client-use.tsx";
import type { Client } from "./types.ts";

/** Which part of the drawer is seen. */
export type ClientTab = "use" | "change";

/** The drawer of a client. */
export function ClientDrawer({
  id,
  tab,
  onTab,
  onClose,
}: {
  id: string;
  tab: ClientTab;
  onTab: (tab: ClientTab) => void;
  onClose: () => void;
}): ReactNode {
  const detail = useApi("getClient", { params: { id } }, { refetchMs: 15_000 });
  const isAdmin = useIsAdmin();
  const client = detail.isPlaceholderData ? undefined : detail.data;
  return (
    <Drawer
      open
      keepOpen={tab === "change"}
      onOpenChange={(open) => {
        if (!open) onClose();
      }}
      title={client?.name ?? "Client"}
      description={client === undefined ? undefined : <span className="font-mono">{client.prefix}…</span>}
    >
      <Tabs
        label="Parts of the client"
        value={tab}
        onChange={onTab}
        tabs={[
          { value: "use", label: "Use" },
          { value: "change", label: isAdmin ? "Change" : "Limits" },
        ]}
      />
      {client === undefined ? (
        detail.error?.status === 404 ? (
          <EmptyState title="There is no such client" body="It may have been revoked." />
        ) : detail.error !== null ? (
          <ErrorState error={detail.error} onRetry={() => void detail.refetch()} />
        ) : (
          <Skeleton lines={6} />
        )
      ) : tab === "use" ? (
        <ClientUse client={client} />
      ) : (
        <ClientEditor key={client.id} client={client} readOnly={!isAdmin} />
      )}
    </Drawer>
  );
}

// --- helpers ---

function ClientEditor({ client, readOnly }: { client: Client; readOnly: boolean }): ReactNode {
  const zone = useZone();
  const toast = useToast();
  const change = useChange("changeClient", { refreshes: ["listClients", "getClient"] });
  const [form, setForm] = useState(() => toClientForm(client, zone));
  const [fault, setFault] = useState<{ field: keyof ClientForm; reason: string } | null>(null);
  const submit = (): void => {
    const read = readClientForm(form, zone);
    if (!read.ok) {
      setFault(read);
      return;
    }
    const body = changedFields(client, read.values);
    if (Object.keys(body).length === 0) {
      toast.done("Nothing was changed.");
      return;
    }
    change.mutate(
      { params: { id: client.id }, body },
      {
        onSuccess: (saved) => {
          setForm(toClientForm(saved, zone));
          toast.done(`${saved.name} was saved. It holds from the next call.`);
        },
      },
    );
  };
  const locked = readOnly || client.source === "env";
  return (
    <form
      className="flex flex-col gap-4"
      onSubmit={(event) => {
        event.preventDefault();
        if (!locked) submit();
      }}
    >
      {readOnly && <Badge>Read only: viewers cannot change clients</Badge>}
      {client.source === "env" && (
        <Badge>Given by the environment (PROXY_API_KEY): it has no limits of its own and is changed there</Badge>
      )}
      <fieldset disabled={locked} className="contents">
        <ClientFields
          form={form}
          fault={fault}
          onChange={(fields) => {
            setForm((before) => ({ ...before, ...fields }));
            setFault(null);
          }}
        />
      </fieldset>
      {change.error !== null && <ErrorState error={change.error} compact />}
      {!locked && (
        <div className="flex justify-end">
          <Button kind="primary" type="submit" busy={change.isPending}>
            Save changes
          </Button>
        </div>
      )}
    </form>
  );
}
