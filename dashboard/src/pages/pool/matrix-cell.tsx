/**
 * One cell of the matrix: state in icon and word, thin bars of use against known limits.
 * @module
 */
import type { ReactNode } from "react";
import { formatCompact } from "../../lib/format.ts";
import { Icon } from "../../ui/icons.tsx";
import { Countdown } from "../../ui/values.tsx";
import { cellStateWords, moreOfCell, quotaBars } from "./matrix.ts";
import type { Cell } from "./types.ts";

/** Text colours by tone. */
export const toneText = {
  ok: "text-ok",
  warn: "text-warn",
  bad: "text-bad",
  info: "text-info",
  neutral: "text-ink-faint",
  accent: "text-accent",
} as const;

/**
 * What is in a cell. Its text is the name of the button around it: what is seen, with the row and the model before it, the
 * cause and the figures of the bars after it.
 */
export function CellContent({ name, cell }: { name: string; cell: Cell }): ReactNode {
  const words = cellStateWords(cell.state);
  // A model that is not offered has limits of 0: bars would only be red.
  const bars = cell.state === "unavailable" ? [] : quotaBars(cell.quotas).slice(0, 3);
  const resting = cell.untilMs !== null && cell.state !== "ok";
  return (
    <span className="flex h-full w-full flex-col justify-center gap-1 px-2 text-left">
      <span className="sr-only">{`${name}, ${cell.model}: `}</span>
      <span className={`flex max-w-44 items-center gap-1 text-xs ${toneText[words.tone]}`}>
        <Icon name={words.icon} size={12} />
        <span className={cell.untilMs === null ? "truncate" : "shrink-0"}>{words.label}</span>
        {resting && (
          <span className="ml-auto min-w-0 truncate text-ink-soft">
            <Countdown until={cell.untilMs} />
          </span>
        )}
      </span>
      {bars.length > 0 && (
        <span aria-hidden="true" className="flex max-w-44 gap-1">
          {bars.map((bar) => (
            <span
              key={bar.label}
              className="block h-1 flex-1 overflow-hidden rounded-full bg-line"
              title={`${bar.label} ${formatCompact(bar.used)} of ${formatCompact(bar.limit)} (${bar.source})`}
            >
              <span className={`block h-full ${barColor[bar.tone]}`} style={{ width: `${bar.share * 100}%` }} />
            </span>
          ))}
        </span>
      )}
      <span className="sr-only">{moreOfCell(cell)}</span>
    </span>
  );
}

// --- helpers ---

const barColor: Readonly<Record<string, string>> = { ok: "bg-accent", warn: "bg-warn", bad: "bg-bad" };
