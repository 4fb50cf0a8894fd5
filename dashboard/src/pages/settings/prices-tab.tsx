/**
 * Prices: own rows, the built-in table, models without a price, and computing past costs again.
 * @module
 */
import { type ReactNode, useState } from "react";
import { useApi, useChange, useIsAdmin } from "../../api/queries.ts";
import type { PriceRow } from "../../api/types.ts";
import { useSearch } from "../../lib/use-search.ts";
import { Badge } from "../../ui/badge.tsx";
import { Button, IconButton } from "../../ui/button.tsx";
import { Card } from "../../ui/card.tsx";
import { ConfirmDialog } from "../../ui/dialog.tsx";
import { TextField } from "../../ui/field.tsx";
import { EmptyState, ErrorState, Notice, Skeleton } from "../../ui/states.tsx";
import { Table, Td, Th } from "../../ui/table.tsx";
import { useToast } from "../../ui/toast.tsx";
import { PriceDialog } from "./price-dialog.tsx";
import { emptyPriceForm, type PriceForm, priceNotes, searchPrices, toPriceForm } from "./price-form.ts";
import { RepriceCard } from "./reprice-card.tsx";
import { settingsShape } from "./settings-search.ts";

/** The tab. */
export function PricesTab(): ReactNode {
  const [search, change] = useSearch(settingsShape);
  const isAdmin = useIsAdmin();
  const prices = useApi("getPrices", {});
  const toast = useToast();
  const save = useChange("setPrices", { refreshes: ["getPrices", "getAttention"] });
  const [editing, setEditing] = useState<{ index: number | null; form: PriceForm } | null>(null);
  const [removing, setRemoving] = useState<number | null>(null);
  if (prices.data === undefined)
    return prices.error === null ? (
      <Skeleton lines={8} />
    ) : (
      <ErrorState error={prices.error} onRetry={() => void prices.refetch()} />
    );
  const { overrides, file, table, unpriced } = prices.data;
  const words = search.search ?? "";
  const saveRows = async (rows: readonly PriceRow[], text: string): Promise<void> => {
    await save.mutateAsync({ body: { overrides: [...rows] } });
    toast.done(text);
  };
  return (
    <div className="flex flex-col gap-4">
      {unpriced.length > 0 && (
        <Notice tone="warn">
          <p className="font-medium">
            Models of the last 30 days without a price: their cost is not known, and in no sum.
          </p>
          <ul className="mt-2 flex flex-wrap gap-2">
            {unpriced.map((model) => (
              <li key={model}>
                {isAdmin ? (
                  <Button
                    size="small"
                    icon="plus"
                    onClick={() => setEditing({ index: null, form: emptyPriceForm(model) })}
                  >
                    {model}
                  </Button>
                ) : (
                  <Badge>{model}</Badge>
                )}
              </li>
            ))}
          </ul>
        </Notice>
      )}
      <Card
        title="Own prices"
        flush
        actions={
          isAdmin && (
            <Button icon="plus" size="small" onClick={() => setEditing({ index: null, form: emptyPriceForm() })}>
              Add row
            </Button>
          )
        }
      >
        {overrides.length === 0 ? (
          <EmptyState
            title="None"
            body="The built-in table holds. Own rows stand before it; the first that fits counts."
          />
        ) : (
          <PriceTable
            rows={overrides}
            label="Own prices"
            actions={
              isAdmin
                ? (index, row) => (
                    <>
                      <IconButton
                        icon="edit"
                        size="small"
                        label={`Change the price of ${row.models.join(", ")}`}
                        onClick={() => setEditing({ index, form: toPriceForm(row) })}
                      />
                      <IconButton
                        icon="trash"
                        size="small"
                        label={`Remove the price of ${row.models.join(", ")}`}
                        onClick={() => setRemoving(index)}
                      />
                    </>
                  )
                : undefined
            }
          />
        )}
      </Card>
      <RepriceCard isAdmin={isAdmin} />
      {file.length > 0 && (
        <Card title="prices.json in the data directory (read at the start)" flush>
          <PriceTable rows={file} label="Prices of prices.json" />
        </Card>
      )}
      <Card
        title={`Built-in table (${table.length} rows)`}
        flush
        actions={
          <TextField
            label="Search models"
            hideLabel
            type="search"
            className="w-48"
            placeholder="Search models"
            value={words}
            onChange={(next) => change({ search: next === "" ? undefined : next }, { replace: true })}
          />
        }
      >
        <PriceTable rows={searchPrices(table, words)} label="Built-in prices" maxHeight="32rem" />
      </Card>
      {editing !== null && (
        <PriceDialog
          first={editing.form}
          isNew={editing.index === null}
          onClose={() => setEditing(null)}
          onSave={async (row) => {
            const rows =
              editing.index === null
                ? [row, ...overrides]
                : overrides.map((one, at) => (at === editing.index ? row : one));
            await saveRows(rows, `Price of ${row.models.join(", ")} saved. It holds for calls from now on.`);
            setEditing(null);
          }}
        />
      )}
      <ConfirmDialog
        open={removing !== null}
        onOpenChange={(open) => {
          if (!open) setRemoving(null);
        }}
        title={`Remove the price of ${overrides[removing ?? -1]?.models.join(", ") ?? ""}?`}
        body="The next row that fits counts then. Costs of past calls stay as they are until they are computed again."
        action="Remove row"
        danger
        onConfirm={() =>
          saveRows(
            overrides.filter((_, at) => at !== removing),
            "The row was removed.",
          )
        }
      />
    </div>
  );
}

// --- helpers ---

function PriceTable({
  rows,
  label,
  maxHeight,
  actions,
}: {
  rows: readonly PriceRow[];
  label: string;
  maxHeight?: string;
  actions?: ((index: number, row: PriceRow) => ReactNode) | undefined;
}): ReactNode {
  if (rows.length === 0) return <EmptyState title="No model fits" />;
  return (
    <Table label={label} {...(maxHeight === undefined ? {} : { maxHeight })}>
      <thead>
        <tr>
          <Th>Models</Th>
          <Th>From</Th>
          <Th right>Input</Th>
          <Th right>Output</Th>
          <Th right>Cached</Th>
          <Th>Besides ($ per million tokens)</Th>
          {actions !== undefined && (
            <Th>
              <span className="sr-only">Actions</span>
            </Th>
          )}
        </tr>
      </thead>
      <tbody>
        {rows.map((row, index) => (
          <tr key={index}>
            <Td className="max-w-80">
              <span className="font-mono text-xs break-words">{row.models.join(", ")}</span>
            </Td>
            <Td className="whitespace-nowrap text-ink-soft">{row.from ?? "always"}</Td>
            <Td right>{row.input}</Td>
            <Td right>{row.output}</Td>
            <Td right>{row.cached ?? <span title="not known">—</span>}</Td>
            <Td className="text-xs text-ink-soft">{priceNotes(row).join("; ")}</Td>
            {actions !== undefined && <Td className="text-right whitespace-nowrap">{actions(index, row)}</Td>}
          </tr>
        ))}
      </tbody>
    </Table>
  );
}
