/**
 * The table of calls: one row a call. Only rows in sight are drawn.
 * @module
 */
import { type MouseEvent, type ReactNode } from "react";
import type { Call } from "../../api/types.ts";
import { Link } from "../../ui/button.tsx";
import { Table, Td, Th, VirtualRows } from "../../ui/table.tsx";
import { Time } from "../../ui/values.tsx";
import type { CallColumn } from "./columns.tsx";
import type { Names } from "./use-names.ts";

/** The table. */
export function CallsTable({
  calls,
  columns,
  names,
  openId,
  linkOf,
  onOpen,
}: {
  calls: readonly Call[];
  columns: readonly CallColumn[];
  names: Names;
  /** The call whose details are open. */
  openId: string | null;
  /** Where a row leads. */
  linkOf: (call: Call) => string;
  onOpen: (call: Call) => void;
}): ReactNode {
  return (
    <Table label="Calls" maxHeight="max(24rem, calc(100dvh - 20rem))">
      <thead>
        <tr>
          <Th>Time</Th>
          {columns.map((column) => (
            <Th key={column.id} right={column.right ?? false}>
              {column.label}
            </Th>
          ))}
        </tr>
      </thead>
      <VirtualRows count={calls.length} rowHeight={37} columns={columns.length + 1}>
        {(index) => {
          const call = calls[index];
          if (call === undefined) return null;
          return (
            <tr
              key={call.id}
              className={`row-link cursor-pointer ${call.id === openId ? "bg-accent-soft" : ""}`}
              // For the mouse; keys and screen readers have the link in the first cell.
              onClick={(event) => {
                if (isPlain(event)) onOpen(call);
              }}
            >
              <Td>
                <Link to={linkOf(call)} plain className="text-accent hover:underline">
                  <Time at={call.startedAt} />
                </Link>
              </Td>
              {columns.map((column) => (
                <Td key={column.id} right={column.right ?? false}>
                  {column.cell(call, names)}
                </Td>
              ))}
            </tr>
          );
        }}
      </VirtualRows>
    </Table>
  );
}

// --- helpers ---

/** Not on a link or button, not while text is being marked. */
function isPlain(event: MouseEvent<HTMLElement>): boolean {
  if (event.defaultPrevented || event.target instanceof Element === false) return false;
  if (event.target.closest("a, button, input") !== null) return false;
  return (window.getSelection()?.toString() ?? "") === "";
}
