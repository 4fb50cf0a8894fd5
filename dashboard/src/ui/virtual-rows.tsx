/**
 * Rows of a long table: only those in sight are drawn. Pages use `VirtualRows` of table.tsx, which loads this.
 * @module
 */
import { useVirtualizer } from "@tanstack/react-virtual";
import { type ReactNode, use } from "react";
import { ScrollBox } from "./scroll-box.ts";

/** Rows of a table. */
export interface VirtualRowsProps {
  count: number;
  /** Pixels; all rows are about so high. */
  rowHeight: number;
  /** How many cells a row has. */
  columns: number;
  /** Rows drawn above and below those in sight. @default 12 */
  overscan?: number;
  /** Draws the `<tr>` of a row, with a `key`. */
  children: (index: number) => ReactNode;
}

/** A `<tbody>` with space above and below in place of rows out of sight. */
export function VirtualBody({ count, rowHeight, columns, overscan = 12, children }: VirtualRowsProps): ReactNode {
  const box = use(ScrollBox);
  const virtual = useVirtualizer({
    count,
    getScrollElement: () => box,
    estimateSize: () => rowHeight,
    overscan,
  });
  const items = virtual.getVirtualItems();
  const before = items[0]?.start ?? 0;
  const after = virtual.getTotalSize() - (items.at(-1)?.end ?? 0);
  return (
    <tbody>
      {before > 0 && <Spacer height={before} columns={columns} />}
      {items.map(({ index }) => children(index))}
      {after > 0 && <Spacer height={after} columns={columns} />}
    </tbody>
  );
}

// --- helpers ---

function Spacer({ height, columns }: { height: number; columns: number }): ReactNode {
  return (
    <tr aria-hidden="true">
      <td colSpan={columns} style={{ height, padding: 0, border: 0 }} />
    </tr>
  );
}
