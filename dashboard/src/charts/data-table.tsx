/**
 * A chart's figures as a table.
 * @module
 */
import type { ReactNode } from "react";
import { shortTime } from "../lib/zone.ts";
import { Table, Td, Th, VirtualRows } from "../ui/table.tsx";
import type { ChartLine } from "./chart-data.ts";

/** The table of a chart: a row a step, a column a line. */
export function DataTable({
  label,
  times,
  lines,
  format,
  zone,
  height = 180,
}: {
  label: string;
  times: readonly number[];
  lines: readonly ChartLine[];
  format: (value: number | null) => string;
  zone: string;
  height?: number;
}): ReactNode {
  return (
    <Table label={`${label}, table`} maxHeight={`${height}px`}>
      <thead>
        <tr>
          <Th>From</Th>
          {lines.map((line) => (
            <Th key={line.key} right>
              {line.label}
            </Th>
          ))}
        </tr>
      </thead>
      <VirtualRows count={times.length} rowHeight={36} columns={lines.length + 1}>
        {(index) => (
          <tr key={times[index]}>
            <Td className="whitespace-nowrap tabular-nums">
              {shortTime(times[index] ?? 0, { zone, now: Date.now() })}
            </Td>
            {lines.map((line) => (
              <Td key={line.key} right>
                {format(line.values[index] ?? null)}
              </Td>
            ))}
          </tr>
        )}
      </VirtualRows>
    </Table>
  );
}
