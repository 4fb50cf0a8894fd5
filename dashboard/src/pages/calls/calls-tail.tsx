/**
 * Calls as they end, pushed by the gateway.
 * @module
 */
import type { ReactNode } from "react";
import type { CallFilter } from "../../api/types.ts";
import { Badge } from "../../ui/badge.tsx";
import { Button } from "../../ui/button.tsx";
import { EmptyState, Notice } from "../../ui/states.tsx";
import type { TableProps } from "./calls-list.tsx";
import { CallsTable } from "./calls-table.tsx";
import { mostTailed } from "./tail-buffer.ts";
import { useTail } from "./use-tail.ts";

/** The tail with its pause. */
export function CallsTail({ filter, table }: { filter: CallFilter; table: TableProps }): ReactNode {
  const [tail, dispatch] = useTail(filter, true);
  const { connection, paused, waiting, missed, shown } = tail;
  return (
    <>
      <div className="flex flex-wrap items-center justify-between gap-2 border-b border-line px-3 py-2 sm:px-4">
        <span role="status" className="flex flex-wrap items-center gap-2 text-xs text-ink-soft">
          {connection === "open" && !paused && (
            <Badge tone="ok" icon="playground">
              live
            </Badge>
          )}
          {connection === "open" && paused && (
            <Badge tone="warn" icon="pause">
              paused
            </Badge>
          )}
          {connection === "connecting" && (
            <Badge tone="info" icon="clock">
              connecting
            </Badge>
          )}
          {connection === "closed" && (
            <Badge tone="bad" icon="error">
              not connected, trying again
            </Badge>
          )}
          <span className="tabular-nums">
            {shown.length} of at most {mostTailed} calls
            {waiting.length > 0 && `, ${waiting.length === mostTailed ? "at least " : ""}${waiting.length} new`}
          </span>
        </span>
        <Button
          size="small"
          icon={paused ? "playground" : "pause"}
          onClick={() => dispatch({ kind: "pause", paused: !paused })}
        >
          {paused ? "Go on" : "Pause"}
        </Button>
      </div>
      {missed > 0 && (
        <div className="p-2">
          <Notice tone="warn">
            {missed.toLocaleString("en-US")} calls came faster than they could be shown. All of them are in the list:
            switch Live off.
          </Notice>
        </div>
      )}
      {shown.length === 0 ? (
        <EmptyState title="No calls yet" body="Each call appears here when it ends." />
      ) : (
        <CallsTable {...table} calls={shown} />
      )}
    </>
  );
}
