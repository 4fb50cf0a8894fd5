/**
 * The matrix of credentials and models. Rows and columns are drawn only where they are seen: ten thousand rows scroll as
 * twenty do. Arrow keys go from cell to cell, Enter opens, Space chooses the row.
 * @module
 */
import { useVirtualizer } from "@tanstack/react-virtual";
import { type KeyboardEvent, type ReactNode, useEffect, useRef, useState } from "react";
import { Checkbox } from "../../ui/field.tsx";
import { causeWords } from "./causes.ts";
import { CellContent } from "./matrix-cell.tsx";
import { cellOf, rowAt } from "./matrix.ts";
import { RowHead } from "./row-head.tsx";
import type { MatrixRow } from "./types.ts";

/** What the matrix shows and tells. */
export interface MatrixTableProps {
  models: readonly string[];
  /** Rows that the filter leaves. */
  count: number;
  pages: ReadonlyMap<number, readonly MatrixRow[]>;
  stale: boolean;
  /** Null: rows cannot be chosen. */
  selected: ReadonlySet<string> | null;
  onSelect: (step: { index: number; id: string; range: boolean }) => void;
  onSelectLoaded: (choose: boolean) => void;
  onRange: (range: { first: number; last: number }) => void;
  onOpen: (id: string, model: string | null) => void;
}

const rowHeight = 48;
const headHeight = 36;
const nameWidth = 288;
const leastWidth = 152;

/** The matrix. */
export function MatrixTable(props: MatrixTableProps): ReactNode {
  const { models, count, pages, selected, onRange, onOpen } = props;
  const box = useRef<HTMLDivElement>(null);
  const [width, setWidth] = useState(0);
  const [active, setActive] = useState<{ row: number; column: number } | null>(null);
  const wanted = useRef<{ row: number; column: number } | null>(null);
  // Few models share the room; many keep their least width and scroll.
  const room = Math.max(0, width - nameWidth - 2);
  const columnWidth = models.length === 0 ? leastWidth : Math.max(leastWidth, Math.floor(room / models.length));
  const rows = useVirtualizer({
    count,
    getScrollElement: () => box.current,
    estimateSize: () => rowHeight,
    scrollMargin: headHeight,
    scrollPaddingStart: headHeight,
    overscan: 8,
  });
  const columns = useVirtualizer({
    horizontal: true,
    count: models.length,
    getScrollElement: () => box.current,
    estimateSize: () => columnWidth,
    scrollMargin: nameWidth,
    scrollPaddingStart: nameWidth,
    overscan: 3,
  });
  useEffect(() => columns.measure(), [columns, columnWidth]);
  useEffect(() => {
    const element = box.current;
    if (element === null) return undefined;
    const observer = new ResizeObserver(() => setWidth(element.clientWidth));
    observer.observe(element);
    return () => observer.disconnect();
  }, []);

  const seen = rows.getVirtualItems();
  const first = seen[0]?.index ?? 0;
  const last = seen.at(-1)?.index ?? 0;
  useEffect(() => onRange({ first, last }), [onRange, first, last]);
  // The row that the focus goes to may still have to be scrolled to, or fetched: it is taken when it is drawn.
  useEffect(() => {
    const place = wanted.current;
    if (place === null) return;
    const cell = box.current?.querySelector<HTMLElement>(`[data-cell="${place.row}:${place.column}"]`);
    if (cell == null) return;
    wanted.current = null;
    cell.focus({ preventScroll: true });
  });

  const onKeyDown = (event: KeyboardEvent<HTMLDivElement>): void => {
    const place = placeOf(event.target);
    if (place === null) return;
    const next = step(event, { place, count, columns: models.length, page: Math.max(1, last - first - 16) });
    if (next === null) {
      const row = rowAt(pages, place.row);
      if (event.key === " " && row !== null && selected !== null) {
        event.preventDefault();
        props.onSelect({ index: place.row, id: row.id, range: event.shiftKey });
      }
      return;
    }
    event.preventDefault();
    rows.scrollToIndex(next.row);
    if (next.column > 0) columns.scrollToIndex(next.column - 1);
    wanted.current = next;
    setActive(next);
  };

  const shown = columns.getVirtualItems();
  const totalWidth = nameWidth + models.length * columnWidth;
  const loaded = [...pages.values()].flat();
  const chosen = selected === null ? 0 : loaded.filter((row) => selected.has(row.id)).length;
  return (
    <div
      ref={box}
      role="grid"
      aria-label="Credentials by model"
      aria-rowcount={count + 1}
      aria-colcount={models.length + 1}
      aria-multiselectable={selected !== null}
      aria-busy={props.stale}
      onKeyDown={onKeyDown}
      className={`relative max-h-[max(24rem,calc(100dvh-17rem))] overflow-auto rounded-lg border border-line bg-surface ${props.stale ? "opacity-60" : ""}`}
    >
      <div style={{ width: totalWidth, height: headHeight + count * rowHeight }} className="relative min-w-full">
        <div
          role="row"
          aria-rowindex={1}
          className="sticky top-0 z-20 flex border-b border-line bg-surface"
          style={{ height: headHeight }}
        >
          <div
            role="columnheader"
            className="sticky left-0 z-10 flex shrink-0 items-center gap-2 border-r border-line bg-surface px-3 text-xs font-medium text-ink-soft"
            style={{ width: nameWidth }}
          >
            {selected !== null && (
              <Checkbox
                label="Choose all loaded rows"
                hideLabel
                checked={chosen > 0 && chosen === loaded.length}
                indeterminate={chosen > 0 && chosen < loaded.length}
                onChange={props.onSelectLoaded}
              />
            )}
            Credential
          </div>
          <div className="relative flex-1">
            {shown.map(({ index, start }) => (
              <div
                key={models[index]}
                role="columnheader"
                aria-colindex={index + 2}
                title={models[index]}
                className="absolute inset-y-0 flex items-center px-2 text-xs font-medium text-ink-soft"
                style={{ left: start - nameWidth, width: columnWidth }}
              >
                <span className="truncate">{models[index]?.replace(/^models\//, "")}</span>
              </div>
            ))}
          </div>
        </div>
        {seen.map(({ index, start }) => {
          const row = rowAt(pages, index);
          const isChosen = row !== null && selected?.has(row.id) === true;
          return (
            <div
              key={index}
              role="row"
              aria-rowindex={index + 2}
              aria-selected={selected === null ? undefined : isChosen}
              className="group absolute left-0 flex w-full border-b border-line"
              style={{ top: start, height: rowHeight }}
            >
              <RowHead
                row={row}
                width={nameWidth}
                place={`${index}:0`}
                isActive={active === null ? index === 0 : active.row === index && active.column === 0}
                selected={selected === null ? null : isChosen}
                onSelect={(range) => row !== null && props.onSelect({ index, id: row.id, range })}
                onOpen={() => row !== null && onOpen(row.id, null)}
              />
              <div className={`relative flex-1 ${isChosen ? "bg-accent-soft" : "group-hover:bg-hover/50"}`}>
                {row !== null &&
                  shown.map((column) => {
                    const model = models[column.index] ?? "";
                    const cell = cellOf(row, model);
                    return (
                      <button
                        key={model}
                        type="button"
                        role="gridcell"
                        aria-colindex={column.index + 2}
                        title={cell.cause === null ? undefined : causeWords(cell.cause)}
                        data-cell={`${index}:${column.index + 1}`}
                        tabIndex={active?.row === index && active.column === column.index + 1 ? 0 : -1}
                        onFocus={() => setActive({ row: index, column: column.index + 1 })}
                        onClick={() => onOpen(row.id, model)}
                        className="absolute inset-y-0 hover:bg-hover focus-visible:-outline-offset-2"
                        style={{ left: column.start - nameWidth, width: columnWidth }}
                      >
                        <CellContent name={row.name} cell={cell} />
                      </button>
                    );
                  })}
              </div>
            </div>
          );
        })}
      </div>
    </div>
  );
}

// --- helpers ---

function placeOf(target: EventTarget): { row: number; column: number } | null {
  const text = target instanceof HTMLElement ? target.dataset["cell"] : undefined;
  if (text === undefined) return null;
  const [row = 0, column = 0] = text.split(":").map(Number);
  return { row, column };
}

function step(
  event: KeyboardEvent,
  grid: { place: { row: number; column: number }; count: number; columns: number; page: number },
): { row: number; column: number } | null {
  const { row, column } = grid.place;
  const toRow = (to: number): { row: number; column: number } => ({
    row: Math.min(grid.count - 1, Math.max(0, to)),
    column,
  });
  const toColumn = (to: number): { row: number; column: number } => ({
    row,
    column: Math.min(grid.columns, Math.max(0, to)),
  });
  switch (event.key) {
    case "ArrowDown":
      return toRow(row + 1);
    case "ArrowUp":
      return toRow(row - 1);
    case "PageDown":
      return toRow(row + grid.page);
    case "PageUp":
      return toRow(row - grid.page);
    case "ArrowRight":
      return toColumn(column + 1);
    case "ArrowLeft":
      return toColumn(column - 1);
    case "Home":
      return event.ctrlKey ? { row: 0, column: 0 } : toColumn(0);
    case "End":
      return event.ctrlKey ? { row: grid.count - 1, column: grid.columns } : toColumn(grid.columns);
    default:
      return null;
  }
}
