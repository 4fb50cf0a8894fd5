/**
 * Columns of the calls list, and which of them this browser shows.
 * @module
 */
import type { ReactNode } from "react";
import type { Call } from "../../api/types.ts";
import { readPreference, usePreference, writePreference } from "../../lib/preferences.ts";
import { Badge, StateBadge } from "../../ui/badge.tsx";
import { Bytes, Duration, Money, Time, Tokens } from "../../ui/values.tsx";
import { reasonOf, statusTone } from "./call-facts.ts";
import type { Names } from "./use-names.ts";

/** One column. */
export interface CallColumn {
  id: string;
  label: string;
  right?: boolean;
  /** Shown until the reader says otherwise. */
  usual: boolean;
  cell: (call: Call, names: Names) => ReactNode;
}

/** All columns but the time, which is always there: it is the link. */
export const callColumns: readonly CallColumn[] = [
  {
    id: "status",
    label: "Status",
    usual: true,
    cell: (call) => (
      <span className="flex items-center gap-1.5">
        <Badge tone={statusTone(call.status)}>{call.status}</Badge>
        <StateBadge state={call.outcome} />
      </span>
    ),
  },
  {
    id: "model",
    label: "Model",
    usual: true,
    cell: (call) => <ModelNames asked={call.modelAsked} served={call.modelServed} />,
  },
  {
    id: "client",
    label: "Client",
    usual: true,
    cell: (call, names) => (call.clientId === null ? <Nothing /> : <Cut text={names.client(call.clientId)} />),
  },
  {
    id: "operation",
    label: "Operation",
    usual: true,
    cell: (call) => (
      <span className="whitespace-nowrap">
        {call.operation}
        {call.stream && <span className="text-ink-faint"> · stream</span>}
      </span>
    ),
  },
  {
    id: "attempts",
    label: "Attempts",
    right: true,
    usual: true,
    cell: (call) =>
      call.attempts.length > 1 ? <Badge tone="warn">{call.attempts.length}</Badge> : call.attempts.length,
  },
  {
    id: "firstByte",
    label: "First byte",
    right: true,
    usual: true,
    cell: (call) => <Duration ms={call.firstByteMicros === null ? null : call.firstByteMicros / 1000} />,
  },
  { id: "total", label: "Total", right: true, usual: true, cell: (call) => <Duration ms={call.totalMicros / 1000} /> },
  {
    id: "tokens",
    label: "Tokens in / out",
    right: true,
    usual: true,
    cell: ({ usage }) =>
      usage === null ? (
        <Tokens n={null} />
      ) : (
        <span className="whitespace-nowrap">
          <Tokens n={usage.promptTokens} /> / <Tokens n={usage.outputTokens + usage.thoughtsTokens} />
        </span>
      ),
  },
  { id: "cost", label: "Cost", right: true, usual: true, cell: (call) => <Money usd={call.costUsd} /> },
  {
    id: "reason",
    label: "Reason",
    usual: true,
    cell: (call) => {
      const reason = reasonOf(call);
      return reason === null ? null : <Cut text={reason} />;
    },
  },
  {
    id: "credential",
    label: "Credential",
    usual: false,
    cell: (call, names) => {
      const id = call.attempts.at(-1)?.credentialId;
      return id === undefined ? <Nothing /> : <Cut text={names.credential(id)} />;
    },
  },
  {
    id: "dialect",
    label: "Dialect",
    usual: false,
    cell: (call) => <span className="whitespace-nowrap">{call.dialect}</span>,
  },
  { id: "finish", label: "Finish", usual: false, cell: (call) => call.finishReason ?? <Nothing /> },
  {
    id: "overhead",
    label: "Overhead",
    right: true,
    usual: false,
    cell: (call) => <Duration ms={call.overheadMicros / 1000} />,
  },
  {
    id: "bytes",
    label: "Bytes in / out",
    right: true,
    usual: false,
    cell: (call) => (
      <span className="whitespace-nowrap">
        <Bytes n={call.requestBytes} /> / <Bytes n={call.responseBytes} />
      </span>
    ),
  },
  {
    id: "ended",
    label: "Ended",
    usual: false,
    cell: (call) => <Time at={call.startedAt + Math.round(call.totalMicros / 1000)} />,
  },
];

/** Columns that are shown, in their order. */
export function useColumns(): readonly CallColumn[] {
  const chosen = parseChosen(usePreference("columns"));
  return callColumns.filter((column) => chosen?.has(column.id) ?? column.usual);
}

/** Shows or hides a column, in this browser. */
export function setColumn(id: string, shown: boolean): void {
  const chosen = parseChosen(readPreference("columns")) ?? usualIds();
  if (shown) chosen.add(id);
  else chosen.delete(id);
  const usual = usualIds();
  const same = chosen.size === usual.size && [...chosen].every((name) => usual.has(name));
  writePreference("columns", same ? null : [...chosen].join(","));
}

// --- helpers ---

function usualIds(): Set<string> {
  return new Set(callColumns.filter(({ usual }) => usual).map(({ id }) => id));
}

function parseChosen(text: string | null): Set<string> | null {
  if (text === null) return null;
  const known = new Set(callColumns.map(({ id }) => id));
  return new Set(text.split(",").filter((id) => known.has(id)));
}

function ModelNames({ asked, served }: { asked: string | null; served: string | null }): ReactNode {
  if (asked === null && served === null) return <Nothing />;
  if (served === null || asked === null || served === asked) return <Cut text={asked ?? served ?? ""} />;
  return (
    <span className="block max-w-56" title={`${asked} → ${served}`}>
      <span className="block truncate">{asked}</span>
      <span className="block truncate text-xs text-ink-faint">→ {served}</span>
    </span>
  );
}

function Cut({ text }: { text: string }): ReactNode {
  return (
    <span className="block max-w-56 truncate" title={text}>
      {text}
    </span>
  );
}

function Nothing(): ReactNode {
  return (
    <span className="text-ink-faint">
      <span aria-hidden="true">—</span>
      <span className="sr-only">none</span>
    </span>
  );
}
