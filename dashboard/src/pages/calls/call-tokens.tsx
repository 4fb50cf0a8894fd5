/**
 * What a call used, by kind and modality.
 * @module
 */
import type { ReactNode } from "react";
import type { Usage } from "../../api/types.ts";
import { formatCount } from "../../lib/format.ts";
import { Table, Td, Th } from "../../ui/table.tsx";
import { tokenRows } from "./call-facts.ts";

/** The table; null: the upstream told nothing. */
export function CallTokens({ usage }: { usage: Usage | null }): ReactNode {
  if (usage === null)
    return <p className="text-sm text-ink-soft">No usage was told: it is not known, which is not zero.</p>;
  const rows = tokenRows(usage);
  return (
    <>
      <Table label="Tokens by kind">
        <thead>
          <tr>
            <Th>Kind</Th>
            <Th right>Tokens</Th>
            <Th>Modalities</Th>
          </tr>
        </thead>
        <tbody>
          {rows.map(({ kind, count, part, modalities }) => (
            <tr key={kind}>
              <Td className={part ? "!pl-8 text-ink-soft" : ""}>{kind}</Td>
              <Td right>{formatCount(count)}</Td>
              <Td className="text-ink-soft">{modalities}</Td>
            </tr>
          ))}
          <tr className="font-semibold">
            <Td>Total</Td>
            <Td right>{formatCount(usage.totalTokens)}</Td>
            <Td />
          </tr>
        </tbody>
      </Table>
      {usage.serviceTier !== null && <p className="mt-1 text-xs text-ink-soft">Service tier: {usage.serviceTier}</p>}
    </>
  );
}
