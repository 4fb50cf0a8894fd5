/**
 * The list of a range: page by page, and how far it has been searched.
 * @module
 */
import { type ComponentProps, type ReactNode, useEffect, useRef } from "react";
import type { CallFilter } from "../../api/types.ts";
import { Button, Link } from "../../ui/button.tsx";
import { EmptyState, ErrorState, Skeleton } from "../../ui/states.tsx";
import { Time } from "../../ui/values.tsx";
import { CallsTable } from "./calls-table.tsx";
import { useCalls } from "./use-calls.ts";

/** What the table takes but the calls. */
export type TableProps = Omit<ComponentProps<typeof CallsTable>, "calls">;

/** The list. */
export function CallsList({
  filter,
  table,
  filtered,
}: {
  filter: CallFilter;
  table: TableProps;
  /** Filters are set: that may be why nothing is found. */
  filtered: boolean;
}): ReactNode {
  const list = useCalls(filter, true);
  const calls = list.data?.calls ?? [];
  const { hasNextPage, isFetchingNextPage, fetchNextPage } = list;
  if (list.error !== null && list.data === undefined)
    return (
      <div className="p-3">
        <ErrorState error={list.error} onRetry={() => void list.refetch()} />
      </div>
    );
  if (list.data === undefined)
    return (
      <div className="p-4">
        <Skeleton lines={8} />
      </div>
    );
  return (
    <div className={list.isPlaceholderData ? "opacity-60" : ""}>
      {calls.length > 0 && <CallsTable {...table} calls={calls} />}
      {calls.length === 0 && !hasNextPage && (
        <EmptyState
          title={filtered ? "No call fits these filters" : "No calls in this range"}
          body={filtered ? "Take out a filter, or choose a longer range." : "Calls appear here as soon as they end."}
          action={filtered ? undefined : <Link to="/connect">Connect a tool</Link>}
        />
      )}
      {list.error !== null && (
        <div className="px-3">
          <ErrorState error={list.error} onRetry={() => void fetchNextPage()} />
        </div>
      )}
      <footer className="flex flex-wrap items-center justify-between gap-2 border-t border-line px-3 py-2 text-xs text-ink-soft sm:px-4">
        <span role="status" className="tabular-nums">
          {calls.length.toLocaleString("en-US")} {calls.length === 1 ? "call" : "calls"}
          {hasNextPage && !list.data.full && list.data.searchedToMs !== null && (
            <>
              , searched back to <Time at={list.data.searchedToMs} />
            </>
          )}
          {!hasNextPage && ", that is all of them"}
        </span>
        {hasNextPage && (
          <LoadMore
            // Rare matches: the server stops after enough was read, and only a person says whether to go on.
            automatic={list.data.full && list.error === null}
            busy={isFetchingNextPage}
            onMore={() => void fetchNextPage()}
          />
        )}
      </footer>
    </div>
  );
}

// --- helpers ---

function LoadMore({ automatic, busy, onMore }: { automatic: boolean; busy: boolean; onMore: () => void }): ReactNode {
  const button = useRef<HTMLButtonElement>(null);
  const more = useRef(onMore);
  useEffect(() => {
    more.current = onMore;
  });
  useEffect(() => {
    const element = button.current;
    if (!automatic || busy || element === null) return undefined;
    // The table's own box scrolls: its end is near when the last rows are drawn.
    const box = element.closest(".card")?.querySelector(".table-box");
    if (box == null) return undefined;
    const look = (): void => {
      if (box.scrollHeight - box.scrollTop - box.clientHeight < 600 && box.scrollTop > 0) more.current();
    };
    box.addEventListener("scroll", look, { passive: true });
    return () => box.removeEventListener("scroll", look);
  }, [automatic, busy]);
  return (
    <Button ref={button} size="small" busy={busy} onClick={onMore}>
      {automatic ? "Load more" : "Continue"}
    </Button>
  );
}
