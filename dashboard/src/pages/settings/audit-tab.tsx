/**
 * Who changed what: the newest first, page by page.
 * @module
 */
import { type ReactNode, useEffect, useState } from "react";
import { useApi } from "../../api/queries.ts";
import type { AuditEntry } from "../../api/types.ts";
import { useSearch } from "../../lib/use-search.ts";
import { StateBadge } from "../../ui/badge.tsx";
import { Button } from "../../ui/button.tsx";
import { Card } from "../../ui/card.tsx";
import { CodeBlock } from "../../ui/code.tsx";
import { Dialog } from "../../ui/dialog.tsx";
import { TextField } from "../../ui/field.tsx";
import { FilterBar } from "../../ui/page.tsx";
import { EmptyState, ErrorState, Skeleton } from "../../ui/states.tsx";
import { Table, Td, Th } from "../../ui/table.tsx";
import { Time } from "../../ui/values.tsx";
import { settingsShape } from "./settings-search.ts";

const pageLength = 50;

/** The tab. */
export function AuditTab(): ReactNode {
  const [search, change] = useSearch(settingsShape);
  const [action, setAction] = useState(search.action ?? "");
  const [actor, setActor] = useState(search.actor ?? "");
  // Where each page begins; the last is the one that is seen.
  const [cursors, setCursors] = useState<readonly (string | undefined)[]>([undefined]);
  const [opened, setOpened] = useState<AuditEntry | null>(null);
  useEffect(() => setCursors([undefined]), [search.action, search.actor]);
  const page = useApi("listAudit", {
    query: { limit: pageLength, cursor: cursors.at(-1), action: search.action, actor: search.actor },
  });
  const active = [search.action, search.actor].filter((value) => value !== undefined).length;
  return (
    <div className="flex flex-col gap-3">
      <form
        onSubmit={(event) => {
          event.preventDefault();
          change({
            action: action.trim() === "" ? undefined : action.trim(),
            actor: actor.trim() === "" ? undefined : actor.trim(),
          });
        }}
      >
        <FilterBar
          active={active}
          onClear={() => {
            setAction("");
            setActor("");
            change({ action: undefined, actor: undefined });
          }}
        >
          <TextField label="Action" className="w-48" placeholder="clients.create" value={action} onChange={setAction} />
          <TextField label="Who" className="w-48" placeholder="name" value={actor} onChange={setActor} />
          <Button type="submit" icon="filter">
            Filter
          </Button>
        </FilterBar>
      </form>
      {page.data === undefined ? (
        page.error === null ? (
          <Skeleton lines={8} />
        ) : (
          <ErrorState error={page.error} onRetry={() => void page.refetch()} />
        )
      ) : page.data.entries.length === 0 ? (
        <EmptyState title={active > 0 ? "Nothing fits" : "Nothing was changed yet"} />
      ) : (
        <Card flush className={page.isPlaceholderData ? "opacity-60" : ""}>
          <Table label="Audit log">
            <thead>
              <tr>
                <Th>Time</Th>
                <Th>Who</Th>
                <Th>Action</Th>
                <Th>What</Th>
                <Th>Outcome</Th>
                <Th>From</Th>
                <Th>
                  <span className="sr-only">Detail</span>
                </Th>
              </tr>
            </thead>
            <tbody>
              {page.data.entries.map((entry) => (
                <tr key={entry.id}>
                  <Td>
                    <Time at={entry.at} />
                  </Td>
                  <Td className="max-w-40 truncate">
                    {entry.actor} <span className="text-xs text-ink-faint">{entry.role}</span>
                  </Td>
                  <Td className="font-mono text-xs">{entry.action}</Td>
                  <Td className="max-w-56 truncate font-mono text-xs" title={entry.target ?? ""}>
                    {entry.target ?? ""}
                  </Td>
                  <Td>
                    <StateBadge state={entry.outcome} />
                  </Td>
                  <Td className="text-xs text-ink-soft">{entry.address ?? ""}</Td>
                  <Td right>
                    {entry.detail !== null && (
                      <Button size="small" kind="quiet" onClick={() => setOpened(entry)}>
                        Detail
                      </Button>
                    )}
                  </Td>
                </tr>
              ))}
            </tbody>
          </Table>
        </Card>
      )}
      <div className="flex items-center justify-end gap-2">
        <Button
          icon="left"
          disabled={cursors.length === 1}
          onClick={() => setCursors((before) => (before.length > 1 ? before.slice(0, -1) : before))}
        >
          Newer
        </Button>
        <Button
          disabled={page.data?.next == null || page.isPlaceholderData}
          onClick={() => {
            const next = page.data?.next;
            if (next != null) setCursors((before) => [...before, next]);
          }}
        >
          Older
        </Button>
      </div>
      {opened !== null && (
        <Dialog
          open
          wide
          onOpenChange={(open) => {
            if (!open) setOpened(null);
          }}
          title={opened.action}
          description={`${opened.actor}, ${opened.target ?? "nothing in particular"}`}
        >
          <CodeBlock
            text={JSON.stringify(opened.detail, null, 2)}
            language="json"
            label="what was asked, without secrets"
          />
        </Dialog>
      )}
    </div>
  );
}
