/**
 * Client keys: who may call, how much, and what of it is used.
 * @module
 */
import { type ReactNode, useState } from "react";
import { useApi, useChange, useIsAdmin } from "../../api/queries.ts";
import { formatMoney } from "../../lib/format.ts";
import { pageLink, textField, wordField } from "../../lib/search.ts";
import { useNow } from "../../lib/use-now.ts";
import { useSearch } from "../../lib/use-search.ts";
import { Badge } from "../../ui/badge.tsx";
import { Bar } from "../../ui/bar.tsx";
import { Button } from "../../ui/button.tsx";
import { Card } from "../../ui/card.tsx";
import { ConfirmDialog } from "../../ui/dialog.tsx";
import { TextField } from "../../ui/field.tsx";
import { Menu } from "../../ui/menu.tsx";
import { FilterBar, PageHeader } from "../../ui/page.tsx";
import { EmptyState, ErrorState, Skeleton } from "../../ui/states.tsx";
import { Table, Td, Th } from "../../ui/table.tsx";
import { useToast } from "../../ui/toast.tsx";
import { Time } from "../../ui/values.tsx";
import { budgetRows, clientState, limitWords, searchClients } from "./client-view.ts";
import { CreateDialog } from "./create-dialog.tsx";
import { ClientDrawer } from "./edit-drawer.tsx";
import { RevokeDialog } from "./revoke-dialog.tsx";
import type { Client } from "./types.ts";

/** `client` and `tab` say what is opened beside the list. */
const shape = {
  search: textField(100),
  client: textField(200),
  tab: wordField(["use", "change"]),
};

/** The page at `/ui/clients`. */
export function ClientsPage(): ReactNode {
  const [search, change] = useSearch(shape);
  const isAdmin = useIsAdmin();
  const clients = useApi("listClients", {}, { refetchMs: 15_000 });
  const health = useApi("getHealth", {});
  const [creating, setCreating] = useState(false);
  const [revoking, setRevoking] = useState<Client | null>(null);
  const [switching, setSwitching] = useState<Client | null>(null);
  const all = clients.data?.clients;
  const shown = searchClients(all ?? [], search.search ?? "");
  const newKey = (
    <Button kind="primary" icon="plus" onClick={() => setCreating(true)}>
      New client key
    </Button>
  );
  return (
    <div className="flex min-w-0 flex-col gap-3">
      <PageHeader
        title="Clients"
        description="Keys that may call this gateway, with their limits and budgets."
        actions={isAdmin ? newKey : <Badge>Read only</Badge>}
      />
      {all !== undefined && all.length > 0 && (
        <FilterBar active={search.search === undefined ? 0 : 1} onClear={() => change({ search: undefined })}>
          <TextField
            className="w-full sm:w-64"
            label="Search"
            hideLabel
            type="search"
            placeholder="Name, prefix, model"
            value={search.search ?? ""}
            onChange={(words) => change({ search: words === "" ? undefined : words }, { replace: true })}
          />
        </FilterBar>
      )}
      {all !== undefined && clients.error !== null && (
        <ErrorState error={clients.error} onRetry={() => void clients.refetch()} compact />
      )}
      {all === undefined ? (
        clients.error === null ? (
          <Skeleton lines={6} />
        ) : (
          <ErrorState error={clients.error} onRetry={() => void clients.refetch()} />
        )
      ) : all.length === 0 ? (
        <EmptyState
          title="There are no client keys yet"
          body="Nobody can call this gateway until one is made, unless OPEN_MODE is on."
          action={isAdmin ? newKey : undefined}
        />
      ) : shown.length === 0 ? (
        <EmptyState
          title="No client fits"
          action={<Button onClick={() => change({ search: undefined })}>Clear search</Button>}
        />
      ) : (
        <Card flush>
          <ClientTable
            clients={shown}
            isAdmin={isAdmin}
            onOpen={(client, tab) => change({ client: client.id, tab })}
            onRevoke={setRevoking}
            onSwitch={setSwitching}
          />
        </Card>
      )}
      {search.client !== undefined && (
        <ClientDrawer
          key={search.client}
          id={search.client}
          tab={search.tab ?? "use"}
          onTab={(tab) => change({ tab }, { replace: true })}
          onClose={() => change({ client: undefined, tab: undefined })}
        />
      )}
      {creating && <CreateDialog url={health.data?.url} onClose={() => setCreating(false)} />}
      {revoking !== null && (
        <RevokeDialog client={revoking} onClose={() => setRevoking(null)} onRevoked={() => setRevoking(null)} />
      )}
      {switching !== null && <SwitchDialog client={switching} onClose={() => setSwitching(null)} />}
    </div>
  );
}

// --- helpers ---

function SwitchDialog({ client, onClose }: { client: Client; onClose: () => void }): ReactNode {
  const toast = useToast();
  const change = useChange("changeClient", { refreshes: ["listClients", "getClient"] });
  const verb = client.enabled ? "Switch off" : "Switch on";
  return (
    <ConfirmDialog
      open
      onOpenChange={(open) => {
        if (!open) onClose();
      }}
      title={`${verb} ${client.name}?`}
      body={
        client.enabled
          ? "Its calls are refused from now on, until it is switched on again."
          : "It may call again at once, within its limits."
      }
      action={verb}
      danger={client.enabled}
      onConfirm={async () => {
        await change.mutateAsync({ params: { id: client.id }, body: { enabled: !client.enabled } });
        toast.done(`${client.name} is ${client.enabled ? "off" : "on"}.`);
      }}
    />
  );
}

function ClientTable({
  clients,
  isAdmin,
  onOpen,
  onRevoke,
  onSwitch,
}: {
  clients: readonly Client[];
  isAdmin: boolean;
  onOpen: (client: Client, tab: "use" | "change") => void;
  onRevoke: (client: Client) => void;
  onSwitch: (client: Client) => void;
}): ReactNode {
  const now = useNow(30_000);
  return (
    <Table label="Client keys">
      <thead>
        <tr>
          <Th>Name</Th>
          <Th>State</Th>
          <Th>Models</Th>
          <Th>Limits</Th>
          <Th className="w-64">Budgets</Th>
          <Th>Expires</Th>
          <Th>Made</Th>
          <Th>
            <span className="sr-only">Actions</span>
          </Th>
        </tr>
      </thead>
      <tbody>
        {clients.map((client) => {
          const { label, tone, state } = clientState(client, now);
          const limits = limitWords(client);
          const icon = state === "active" ? "ok" : state === "off" ? "off" : state === "expired" ? "clock" : "warning";
          return (
            <tr key={client.id} className="row-link">
              <Td>
                <button type="button" className="min-w-0 rounded-sm text-left" onClick={() => onOpen(client, "use")}>
                  <span className="block max-w-56 truncate font-medium hover:underline">{client.name}</span>
                  <span className="block font-mono text-xs text-ink-faint">{client.prefix}…</span>
                </button>
              </Td>
              <Td>
                <Badge tone={tone} icon={icon}>
                  {label}
                </Badge>
              </Td>
              <Td className="max-w-48 truncate text-ink-soft" title={client.allowedModels?.join(", ")}>
                {client.allowedModels === null ? "all" : client.allowedModels.join(", ")}
              </Td>
              <Td className="text-xs text-ink-soft">
                {limits.length === 0
                  ? "none"
                  : limits.map((words) => (
                      <span key={words} className="block whitespace-nowrap">
                        {words}
                      </span>
                    ))}
              </Td>
              <Td>
                <BudgetCell client={client} />
              </Td>
              <Td className="whitespace-nowrap">
                {client.expiresAt === null ? "never" : <Time at={client.expiresAt} />}
              </Td>
              <Td className="whitespace-nowrap">
                {client.source === "env" ? "environment" : <Time at={client.createdAt} style="ago" />}
              </Td>
              <Td right>
                <Menu
                  label={`Actions for ${client.name}`}
                  icon="more"
                  iconOnly
                  button="quiet"
                  size="small"
                  entries={[
                    { kind: "action", label: "Use", icon: "overview", onSelect: () => onOpen(client, "use") },
                    { kind: "link", label: "Calls", icon: "calls", to: pageLink("/calls", { clientId: client.id }) },
                    ...(isAdmin && client.source === "stored"
                      ? [
                          {
                            kind: "link" as const,
                            label: "Playground",
                            icon: "playground" as const,
                            to: pageLink("/playground", { client: client.id }),
                          },
                          { kind: "separator" as const },
                          {
                            kind: "action" as const,
                            label: "Change",
                            icon: "edit" as const,
                            onSelect: () => onOpen(client, "change"),
                          },
                          {
                            kind: "action" as const,
                            label: client.enabled ? "Switch off" : "Switch on",
                            icon: "off" as const,
                            onSelect: () => onSwitch(client),
                          },
                          {
                            kind: "action" as const,
                            label: "Revoke",
                            icon: "trash" as const,
                            danger: true,
                            onSelect: () => onRevoke(client),
                          },
                        ]
                      : []),
                  ]}
                />
              </Td>
            </tr>
          );
        })}
      </tbody>
    </Table>
  );
}

function BudgetCell({ client }: { client: Client }): ReactNode {
  const budgets = budgetRows(client);
  if (budgets.length === 0) return <span className="text-xs text-ink-soft">none</span>;
  return (
    <span className="flex flex-col gap-0.5">
      {budgets.map((budget) => (
        <span key={budget.window} className="grid min-w-56 grid-cols-[2.5rem_1fr] items-center gap-2 text-xs">
          <span className="text-ink-faint">{budget.window}</span>
          <Bar
            used={budget.usedUsd}
            limit={budget.limitUsd}
            label={`budget of the ${budget.window}`}
            format={formatMoney}
          />
        </span>
      ))}
    </span>
  );
}
