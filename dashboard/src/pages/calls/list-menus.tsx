/**
 * Menus above the list: columns, export.
 * @module
 */
import type { ReactNode } from "react";
import { downloadExport, type ExportFormat } from "../../api/client.ts";
import type { CallFilter } from "../../api/types.ts";
import { Menu } from "../../ui/menu.tsx";
import { type CallColumn, callColumns, setColumn } from "./columns.tsx";

/** Which columns are shown; kept in this browser. */
export function ColumnMenu({ shown }: { shown: readonly CallColumn[] }): ReactNode {
  return (
    <Menu
      label="Columns"
      icon="columns"
      size="small"
      entries={callColumns.map((column) => ({
        kind: "check" as const,
        label: column.label,
        checked: shown.includes(column),
        onChange: (checked) => setColumn(column.id, checked),
      }))}
    />
  );
}

/** Downloads everything under the filter, not only what has been loaded. */
export function ExportMenu({ filter, zone }: { filter: CallFilter; zone: string }): ReactNode {
  return (
    <Menu
      label="Export"
      icon="download"
      size="small"
      entries={[
        { kind: "label", label: "All calls of this filter" },
        ...formats.map(({ format, label }) => ({
          kind: "action" as const,
          label,
          onSelect: () => downloadExport(filter, { format, zone }),
        })),
      ]}
    />
  );
}

// --- helpers ---

const formats: readonly { format: ExportFormat; label: string }[] = [
  { format: "csv", label: "CSV" },
  { format: "json", label: "JSON" },
  { format: "ndjson", label: "NDJSON, one call a line" },
];
