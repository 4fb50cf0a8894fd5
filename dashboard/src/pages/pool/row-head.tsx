/**
 * First column of the matrix: who it is, and how it fares as a whole.
 * @module
 */
import type { ReactNode } from "react";
import { Badge, StateBadge } from "../../ui/badge.tsx";
import { causeWords } from "./causes.ts";
import { isOwnProject } from "./matrix.ts";
import type { MatrixRow } from "./types.ts";

/** A row's head. Its name is a button that opens the credential. */
export function RowHead({
  row,
  width,
  place,
  isActive,
  selected,
  onSelect,
  onOpen,
}: {
  /** Null: on its way. */
  row: MatrixRow | null;
  width: number;
  /** Where it is in the grid: `12:0`. */
  place: string;
  /** It is what Tab comes to. */
  isActive: boolean;
  /** Null: it cannot be chosen. */
  selected: boolean | null;
  /** `range`: with shift. */
  onSelect: (range: boolean) => void;
  onOpen: () => void;
}): ReactNode {
  const look = selected === true ? "bg-accent-soft" : "bg-surface";
  return (
    <div
      role="rowheader"
      className={`sticky left-0 z-10 flex shrink-0 items-center gap-2 border-r border-line px-3 ${look}`}
      style={{ width }}
    >
      {row === null ? (
        <span className="skeleton h-4 w-40" />
      ) : (
        <>
          {selected !== null && (
            <input
              type="checkbox"
              className="checkbox !mt-0"
              tabIndex={-1}
              aria-label={`Choose ${row.name}`}
              checked={selected}
              readOnly
              onClick={(event) => onSelect(event.shiftKey)}
            />
          )}
          <button
            type="button"
            data-cell={place}
            tabIndex={isActive ? 0 : -1}
            onClick={onOpen}
            className="min-w-0 flex-1 rounded-sm text-left"
            title={`${row.name}, ${row.masked}${isOwnProject(row) ? "" : `, project ${row.projectId}`}`}
          >
            <span className="block truncate text-sm font-medium text-ink hover:underline">{row.name}</span>
            <span className="block truncate text-xs text-ink-faint">
              {row.kind === "code-assist" ? (
                <Badge>Code Assist</Badge>
              ) : (
                <span className="font-mono">{row.masked}</span>
              )}
              {row.kind === "code-assist" && row.masked !== row.name && ` ${row.masked}`}
              {row.tier !== 0 && ` · tier ${row.tier}`}
              {!isOwnProject(row) && ` · ${row.projectId}`}
            </span>
          </button>
          {row.inFlight > 0 && (
            <span className="text-xs whitespace-nowrap text-ink-soft tabular-nums" title="Calls under way">
              {row.inFlight} open
            </span>
          )}
          {row.state !== "active" && (
            <StateBadge state={row.state} title={row.reason === null ? row.state : causeWords(row.reason)} />
          )}
        </>
      )}
    </div>
  );
}
