/**
 * The pool: who can serve what now, why not, and until when.
 * @module
 */
import { type ReactNode, useCallback, useState } from "react";
import { call } from "../../api/client.ts";
import { useIsAdmin } from "../../api/queries.ts";
import { useSearch } from "../../lib/use-search.ts";
import { Button } from "../../ui/button.tsx";
import { PageHeader } from "../../ui/page.tsx";
import { EmptyState, ErrorState, Notice, Skeleton } from "../../ui/states.tsx";
import { useToast } from "../../ui/toast.tsx";
import { AddAccountDialog } from "./account-dialogs.tsx";
import { BulkDialog } from "./bulk-dialog.tsx";
import { type BulkOffer, bulkOffers } from "./bulk.ts";
import { CellDrawer } from "./cell-drawer.tsx";
import { CredentialDrawer } from "./credential-drawer.tsx";
import { ExportDialog } from "./export-dialog.tsx";
import { ImportDialog } from "./import-dialog.tsx";
import { MatrixTable, type MatrixTableProps } from "./matrix-table.tsx";
import { rowAt } from "./matrix.ts";
import { PoolCards } from "./pool-cards.tsx";
import { PoolFilters } from "./pool-filters.tsx";
import { filterCount, filterOf, type PoolFilter, poolShape } from "./pool-search.ts";
import { emptySelection, mostSelected, selectAll, toggle } from "./selection.ts";
import { useNarrow } from "./use-narrow.ts";
import { type Pool, usePool } from "./use-pool.ts";

/** The page at `/ui/pool`. */
export function PoolPage(): ReactNode {
  const [search, change] = useSearch(poolShape);
  const isAdmin = useIsAdmin();
  const isNarrow = useNarrow();
  const filter = filterOf(search);
  const [range, setRange] = useState({ first: 0, last: 0 });
  const onRange = useCallback(
    (next: { first: number; last: number }) =>
      setRange((before) => (before.first === next.first && before.last === next.last ? before : next)),
    [],
  );
  const pool = usePool(filter, range);
  const [selection, setSelection] = useState(emptySelection);
  const [dialog, setDialog] = useState<"import" | "account" | "export" | BulkOffer | null>(null);
  const setFilter = (next: PoolFilter, options?: { replace?: boolean }): void => {
    // What is chosen and not seen any more would be changed unseen.
    setSelection(emptySelection);
    change(next, options);
  };
  const open = (id: string, model: string | null): void => change({ credential: id, model: model ?? undefined });
  const close = (): void => change({ credential: undefined, model: undefined });
  // The first steps lead here by a link.
  const importing = dialog === "import" || (search.import === true && isAdmin);
  const endImport = (): void => {
    setDialog(null);
    if (search.import !== undefined) change({ import: undefined }, { replace: true });
  };
  const { head, pages } = pool;
  const table: MatrixTableProps = {
    models: head?.models ?? [],
    count: head?.matching ?? 0,
    pages,
    stale: pool.stale,
    selected: isAdmin ? selection.ids : null,
    onSelect: (step) =>
      setSelection((before) => toggle(before, { ...step, idAt: (index) => rowAt(pages, index)?.id ?? null })),
    onSelectLoaded: (choose) =>
      setSelection(choose ? selectAll([...pages.values()].flat().map((row) => row.id)) : emptySelection),
    onRange,
    onOpen: open,
  };
  const nameOf = (id: string): string => {
    for (const rows of pages.values()) for (const row of rows) if (row.id === id) return row.name;
    return id;
  };
  return (
    <div className="flex min-w-0 flex-col gap-3">
      <PageHeader
        title="Pool"
        description={head === null ? undefined : summary(head)}
        actions={
          isAdmin && (
            <>
              <Button icon="download" onClick={() => setDialog("export")}>
                Export
              </Button>
              <Button icon="user" onClick={() => setDialog("account")}>
                Add account
              </Button>
              <Button kind="primary" icon="plus" onClick={() => setDialog("import")}>
                Add keys
              </Button>
            </>
          )
        }
      />
      {head?.counts.panic === true && (
        <Notice tone="warn">
          No credential can serve, so all that are merely resting are tried again. Look at what Google says below.
        </Notice>
      )}
      <PoolFilters filter={filter} head={head} onChange={setFilter} />
      {isAdmin && selection.ids.size > 0 && (
        <BulkBar
          count={selection.ids.size}
          matching={head?.matching ?? 0}
          filter={filter}
          onAll={(ids) => setSelection(selectAll(ids))}
          onClear={() => setSelection(emptySelection)}
          onOffer={setDialog}
        />
      )}
      {head !== null && pool.error !== null && <ErrorState error={pool.error} onRetry={pool.refetch} compact />}
      <PoolBody
        pool={pool}
        filter={filter}
        isAdmin={isAdmin}
        onImport={() => setDialog("import")}
        onClear={() => setFilter(noFilter)}
      >
        {isNarrow ? <PoolCards {...table} /> : <MatrixTable {...table} />}
      </PoolBody>
      {search.credential !== undefined &&
        (search.model === undefined ? (
          <CredentialDrawer key={search.credential} id={search.credential} onClose={close} />
        ) : (
          <CellDrawer
            key={`${search.credential} ${search.model}`}
            id={search.credential}
            model={search.model}
            onClose={close}
            onOpenCredential={() => change({ model: undefined })}
          />
        ))}
      {dialog === "account" && <AddAccountDialog onClose={() => setDialog(null)} />}
      {importing && <ImportDialog onClose={endImport} />}
      {dialog === "export" && (
        <ExportDialog ids={selection.ids.size === 0 ? null : [...selection.ids]} onClose={() => setDialog(null)} />
      )}
      {dialog !== null && typeof dialog === "object" && (
        <BulkDialog
          offer={dialog}
          ids={[...selection.ids]}
          nameOf={nameOf}
          onClose={() => setDialog(null)}
          onDone={() => {
            if (dialog.action === "remove") setSelection(emptySelection);
          }}
        />
      )}
    </div>
  );
}

// --- helpers ---

const noFilter: PoolFilter = {
  search: undefined,
  kind: undefined,
  state: undefined,
  tier: undefined,
  projectId: undefined,
};

function summary(head: NonNullable<Pool["head"]>): string {
  const count = (value: number): string => value.toLocaleString("en-US");
  const { total, usable } = head.counts;
  const shown = head.matching === head.total ? "" : `, ${count(head.matching)} shown`;
  return `${count(usable)} of ${count(total)} credentials can serve now${shown}`;
}

function PoolBody({
  pool,
  filter,
  isAdmin,
  onImport,
  onClear,
  children,
}: {
  pool: Pool;
  filter: PoolFilter;
  isAdmin: boolean;
  onImport: () => void;
  onClear: () => void;
  children: ReactNode;
}): ReactNode {
  if (pool.head === null)
    return pool.error === null ? <Skeleton lines={10} /> : <ErrorState error={pool.error} onRetry={pool.refetch} />;
  if (pool.head.matching > 0) return children;
  if (filterCount(filter) > 0)
    return (
      <EmptyState
        title="No credential fits these filters"
        body={`There are ${pool.head.total.toLocaleString("en-US")} in all.`}
        action={<Button onClick={onClear}>Clear filters</Button>}
      />
    );
  return (
    <EmptyState
      title="There are no keys yet"
      body={
        isAdmin
          ? "Add your Gemini API keys. They are sealed at once and never shown again."
          : "An admin has to add Gemini API keys first."
      }
      action={
        isAdmin ? (
          <Button kind="primary" icon="plus" onClick={onImport}>
            Add keys
          </Button>
        ) : undefined
      }
    />
  );
}

function BulkBar({
  count,
  matching,
  filter,
  onAll,
  onClear,
  onOffer,
}: {
  count: number;
  matching: number;
  filter: PoolFilter;
  onAll: (ids: string[]) => void;
  onClear: () => void;
  onOffer: (offer: BulkOffer) => void;
}): ReactNode {
  const toast = useToast();
  const [busy, setBusy] = useState(false);
  const all = Math.min(matching, mostSelected);
  const chooseAll = async (): Promise<void> => {
    setBusy(true);
    try {
      const ids: string[] = [];
      while (ids.length < all) {
        const page = await call("getMatrix", { query: { ...filter, offset: ids.length, limit: 1000 } });
        if (page.rows.length === 0) break;
        ids.push(...page.rows.map((row) => row.id));
      }
      onAll(ids);
    } catch (thrown) {
      toast.failed(thrown);
    } finally {
      setBusy(false);
    }
  };
  return (
    <div
      role="toolbar"
      aria-label="Chosen credentials"
      className="flex flex-wrap items-center gap-2 rounded-lg border border-accent bg-accent-soft px-3 py-2"
    >
      <span role="status" className="mr-1 text-sm font-medium tabular-nums">
        {count.toLocaleString("en-US")} chosen
      </span>
      {count < all && (
        <Button size="small" kind="quiet" busy={busy} onClick={() => void chooseAll()}>
          Choose all {all.toLocaleString("en-US")}
          {matching > mostSelected ? " (the most at once)" : ""}
        </Button>
      )}
      <span className="grow" />
      {bulkOffers.map((offer) => (
        <Button
          key={offer.action}
          size="small"
          kind={offer.danger ? "danger" : "secondary"}
          onClick={() => onOffer(offer)}
        >
          {offer.label}
        </Button>
      ))}
      <Button size="small" kind="quiet" icon="close" onClick={onClear}>
        Clear
      </Button>
    </div>
  );
}
