/**
 * What the matrix shows: cells of rows, bars of quotas, words of states, and which pages of rows are needed.
 * @module
 */
import type { Tone } from "../../ui/badge.tsx";
import type { IconName } from "../../ui/icons.tsx";
import { causeWords } from "./causes.ts";
import type { Cell, CellQuota, CellState, MatrixRow } from "./types.ts";

/** Rows are fetched by so many. */
export const pageSize = 500;

/** A state in words: icon and text carry the meaning, colour only repeats it. */
export interface StateWords {
  icon: IconName;
  label: string;
  tone: Tone;
}

const cellWords: Readonly<Record<CellState, StateWords>> = {
  ok: { icon: "check", label: "Ready", tone: "ok" },
  recovering: { icon: "retry", label: "Coming back", tone: "info" },
  cooling: { icon: "clock", label: "Resting", tone: "warn" },
  full: { icon: "pause", label: "At limit", tone: "warn" },
  unavailable: { icon: "minus", label: "Not offered", tone: "neutral" },
  disabled: { icon: "ban", label: "Disabled", tone: "bad" },
  off: { icon: "off", label: "Off", tone: "neutral" },
};

/** @returns icon, text and tone of a cell's state */
export function cellStateWords(state: CellState): StateWords {
  return cellWords[state];
}

/**
 * The cell of a row for a model. The server leaves out cells that are plainly well, so a missing one follows the row.
 * @param row of the matrix
 * @param model a column's name
 */
export function cellOf(row: MatrixRow, model: string): Cell {
  for (const cell of row.cells) if (cell.model === model) return cell;
  return { model, state: stateOfRow(row), untilMs: row.untilMs, cause: row.reason, quotas: [] };
}

/** One bar of use against a limit. */
export interface QuotaBar {
  /** `RPM`, `RPD`, `TPM` or `TPD`. */
  label: string;
  used: number;
  /** The limit; 0: the model is not offered. */
  limit: number;
  /** Share used, 0 to 1: never above, whatever the server counts. */
  share: number;
  /** `learned from Google` or `configured`. */
  source: string;
  tone: Tone;
}

const barOrder = ["RPM", "RPD", "TPM", "TPD"];

/**
 * Bars of a cell, always in the order RPM, RPD, TPM, TPD.
 * @param quotas as the server tells them, in any order
 */
export function quotaBars(quotas: readonly CellQuota[]): QuotaBar[] {
  return quotas
    .map((quota) => {
      const share = quota.value === 0 ? 1 : Math.min(1, quota.used / quota.value);
      const tone: Tone = share >= 1 ? "bad" : share >= 0.8 ? "warn" : "ok";
      const source = quota.source === "google" ? "learned from Google" : "configured";
      return { label: quotaLabel(quota), used: quota.used, limit: quota.value, share, source, tone };
    })
    .sort((left, right) => barOrder.indexOf(left.label) - barOrder.indexOf(right.label));
}

/** @returns `RPM` for requests a minute, `TPD` for tokens a day … */
export function quotaLabel(quota: Pick<CellQuota, "metric" | "window">): string {
  return `${quota.metric === "requests" ? "RP" : "TP"}${quota.window === "minute" ? "M" : "D"}`;
}

/** @returns what a cell's state and countdown do not tell, for screen readers: cause and use of the limits; empty: nothing */
export function moreOfCell(cell: Cell): string {
  const parts = cell.cause === null ? [] : [causeWords(cell.cause)];
  for (const bar of quotaBars(cell.quotas)) parts.push(`${bar.label} ${bar.used} of ${bar.limit}`);
  return parts.map((part) => `; ${part}`).join("");
}

/**
 * Pages that a stretch of rows needs.
 * @param range first and last row on the screen (with it), of so many
 * @returns numbers of pages, ascending; one page ahead when the end of the screen nears the page's end
 */
export function pagesOf(range: { first: number; last: number; total: number }): number[] {
  if (range.total === 0) return [0];
  const lastPage = Math.floor((range.total - 1) / pageSize);
  const from = Math.max(0, Math.min(Math.floor(range.first / pageSize), lastPage));
  const to = Math.max(from, Math.min(Math.floor((range.last + pageSize / 10) / pageSize), lastPage));
  return Array.from({ length: to - from + 1 }, (_, index) => from + index);
}

/** @returns the row of that number, or null while its page has not come */
export function rowAt(pages: ReadonlyMap<number, readonly MatrixRow[]>, index: number): MatrixRow | null {
  return pages.get(Math.floor(index / pageSize))?.[index % pageSize] ?? null;
}

/** Whether no project is known: the credential counts as its own. */
export function isOwnProject(credential: { id: string; projectId: string }): boolean {
  return credential.projectId === `own:${credential.id}` || credential.projectId === credential.id;
}

// --- helpers ---

function stateOfRow(row: MatrixRow): CellState {
  if (!row.enabled || row.state === "off") return "off";
  if (row.state === "disabled") return "disabled";
  // A credential is `cooling` as soon as one model rests; a cell that is not told of is not the one.
  return "ok";
}
