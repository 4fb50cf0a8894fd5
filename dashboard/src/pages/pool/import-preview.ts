/**
 * Adding keys: what text is, which files are taken, and how the preview is told.
 * @module
 */
import type { ImportBody, ImportEntry, ImportResult } from "./types.ts";

/** Most characters that the gateway reads in one import. */
export const mostImportText = 4_000_000;
/** Endings of files that may hold keys; others are refused before they are read. */
export const importFileEndings = [".txt", ".csv", ".json", ".keys", ".env", ".jsonl"];

/** What the dialog's fields hold, as text. */
export interface ImportForm {
  text: string;
  passphrase: string;
  projectId: string;
  tier: string;
  weight: string;
  quotaTier: string;
}

/** An empty form. */
export const emptyImportForm: ImportForm = {
  text: "",
  passphrase: "",
  projectId: "",
  tier: "",
  weight: "",
  quotaTier: "",
};

/** Whether the text is an export of this gateway that is sealed with a passphrase. */
export function isSealedExport(text: string): boolean {
  const head = text.trimStart().slice(0, 100_000);
  return head.startsWith("{") && /"sealed_api_keys"\s*:/.test(text.length > 100_000 ? head + text.slice(-2000) : head);
}

/** @returns why this file is not read, or null */
export function refuseFile(file: { name: string; size: number }): string | null {
  const name = file.name.toLowerCase();
  if (name.includes(".") && !importFileEndings.some((ending) => name.endsWith(ending)))
    return `${file.name}: only ${importFileEndings.join(", ")} files are read.`;
  if (file.size > mostImportText) return `${file.name}: larger than ${mostImportText / 1_000_000} MB. Split it.`;
  return file.size === 0 ? `${file.name}: empty.` : null;
}

/**
 * Reads the dialog's fields.
 * @param form as typed
 * @param dryRun only tells what would happen
 * @returns the request, or the field that is wrong and why
 */
export function toImportBody(
  form: ImportForm,
  dryRun: boolean,
): { ok: true; body: ImportBody } | { ok: false; field: keyof ImportForm; reason: string } {
  if (form.text.trim() === "") return { ok: false, field: "text", reason: "Paste keys or choose a file." };
  if (form.text.length > mostImportText) return { ok: false, field: "text", reason: "More than 4 MB. Split it." };
  if (isSealedExport(form.text) && form.passphrase === "")
    return { ok: false, field: "passphrase", reason: "This export is encrypted: type its passphrase." };
  const tier = form.tier.trim() === "" ? null : Number(form.tier);
  if (tier !== null && !(Number.isInteger(tier) && Math.abs(tier) <= 100))
    return { ok: false, field: "tier", reason: "A whole number from -100 to 100." };
  const weight = form.weight.trim() === "" ? null : Number(form.weight);
  if (weight !== null && !(weight > 0 && weight <= 1000))
    return { ok: false, field: "weight", reason: "A number above 0, at most 1000." };
  return {
    ok: true,
    body: {
      text: form.text,
      dryRun,
      ...(form.passphrase === "" ? {} : { passphrase: form.passphrase }),
      ...(form.projectId.trim() === "" ? {} : { projectId: form.projectId.trim() }),
      ...(form.quotaTier.trim() === "" ? {} : { quotaTier: form.quotaTier.trim() }),
      ...(tier === null ? {} : { tier }),
      ...(weight === null ? {} : { weight }),
    },
  };
}

/** One line of the preview. */
export interface PreviewLine {
  status: ImportEntry["status"];
  /** Line of the text; null: not known. */
  line: number | null;
  title: string;
  /** Why not; null for keys that are added. */
  detail: string | null;
}

/**
 * The preview's lines: what is refused first, then what is there already, then what is new.
 * @param result of a dry run or an import
 */
export function previewLines(result: Pick<ImportResult, "entries">): PreviewLine[] {
  const rank = { rejected: 0, duplicate: 1, added: 2 } as const;
  return result.entries
    .map((entry) => ({
      status: entry.status,
      line: entry.line,
      title: [entry.name, entry.masked].filter((part) => part !== "").join(" · "),
      detail: entry.status === "added" ? null : (entry.reason ?? "No reason was told."),
    }))
    .sort((left, right) => rank[left.status] - rank[right.status]);
}

/** @returns `12 new, 3 already there, 1 refused` */
export function previewSummary(result: Pick<ImportResult, "added" | "duplicates" | "rejected" | "dryRun">): string {
  const verb = result.dryRun ? "would be added" : "added";
  return [`${result.added} ${verb}`, `${result.duplicates} already there`, `${result.rejected} refused`].join(", ");
}
