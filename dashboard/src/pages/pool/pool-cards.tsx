/**
 * The pool on a phone: a card each, with what is not well.
 * @module
 */
import { useVirtualizer } from "@tanstack/react-virtual";
import { type ReactNode, useEffect, useRef } from "react";
import { Badge, StateBadge } from "../../ui/badge.tsx";
import { Icon } from "../../ui/icons.tsx";
import { Countdown } from "../../ui/values.tsx";
import { causeWords } from "./causes.ts";
import { toneText } from "./matrix-cell.tsx";
import { cellOf, cellStateWords, isOwnProject, rowAt } from "./matrix.ts";
import type { MatrixTableProps } from "./matrix-table.tsx";
import type { MatrixRow } from "./types.ts";

/** A list of cards, in place of the matrix. */
export function PoolCards(props: MatrixTableProps): ReactNode {
  const { count, pages, onRange } = props;
  const box = useRef<HTMLDivElement>(null);
  const cards = useVirtualizer({
    count,
    getScrollElement: () => box.current,
    estimateSize: () => 120,
    overscan: 6,
    gap: 8,
  });
  const seen = cards.getVirtualItems();
  const first = seen[0]?.index ?? 0;
  const last = seen.at(-1)?.index ?? 0;
  useEffect(() => onRange({ first, last }), [onRange, first, last]);
  return (
    <div ref={box} role="region" aria-label="Credentials" tabIndex={0} className="max-h-[75dvh] overflow-y-auto">
      <ul className="relative" style={{ height: cards.getTotalSize() }}>
        {seen.map(({ index, start }) => {
          const row = rowAt(pages, index);
          return (
            <li
              key={index}
              data-index={index}
              ref={cards.measureElement}
              className="card absolute inset-x-0 flex flex-col gap-2 p-3"
              style={{ top: start }}
              aria-setsize={count}
              aria-posinset={index + 1}
            >
              {row === null ? <span className="skeleton h-16" /> : <CardContent {...props} row={row} index={index} />}
            </li>
          );
        })}
      </ul>
    </div>
  );
}

// --- helpers ---

function CardContent({
  row,
  index,
  models,
  selected,
  onSelect,
  onOpen,
}: MatrixTableProps & { row: MatrixRow; index: number }): ReactNode {
  const cells = models.map((model) => cellOf(row, model)).filter((cell) => cell.state !== "ok");
  const shown = cells.slice(0, 6);
  return (
    <>
      <div className="flex items-start gap-2">
        {selected !== null && (
          <input
            type="checkbox"
            className="checkbox"
            aria-label={`Choose ${row.name}`}
            checked={selected.has(row.id)}
            readOnly
            onClick={() => onSelect({ index, id: row.id, range: false })}
          />
        )}
        <button type="button" className="min-w-0 flex-1 text-left" onClick={() => onOpen(row.id, null)}>
          <span className="block truncate font-medium text-ink">{row.name}</span>
          <span className="block truncate text-xs text-ink-faint">
            {row.kind === "code-assist" ? <Badge>Code Assist</Badge> : <span className="font-mono">{row.masked}</span>}
            {row.kind === "code-assist" && row.masked !== row.name && ` ${row.masked}`} · tier {row.tier}
            {!isOwnProject(row) && ` · ${row.projectId}`}
          </span>
        </button>
        <StateBadge state={row.state} />
      </div>
      {row.reason !== null && (
        <p className="text-xs text-ink-soft">
          {causeWords(row.reason)}
          {row.untilMs !== null && (
            <>
              , <Countdown until={row.untilMs} />
            </>
          )}
        </p>
      )}
      {shown.length > 0 && (row.state === "active" || row.state === "cooling") && (
        <ul className="flex flex-wrap gap-1.5">
          {shown.map((cell) => {
            const words = cellStateWords(cell.state);
            return (
              <li key={cell.model}>
                <button
                  type="button"
                  onClick={() => onOpen(row.id, cell.model)}
                  className="inline-flex min-h-7 items-center gap-1 rounded border border-line px-2 text-xs"
                >
                  <Icon name={words.icon} size={12} className={toneText[words.tone]} />
                  {cell.model}: {words.label}
                  {cell.untilMs !== null && <Countdown until={cell.untilMs} />}
                </button>
              </li>
            );
          })}
          {cells.length > shown.length && (
            <li className="text-xs text-ink-faint">and {cells.length - shown.length} more</li>
          )}
        </ul>
      )}
    </>
  );
}
