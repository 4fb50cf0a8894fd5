import { describe, expect, it } from "vitest";
import {
  emptyImportForm,
  isSealedExport,
  mostImportText,
  previewLines,
  previewSummary,
  refuseFile,
  toImportBody,
} from "./import-preview.ts";

const form = (change: Partial<typeof emptyImportForm>): typeof emptyImportForm => ({ ...emptyImportForm, ...change });

describe("the import form", () => {
  it("sends only what was filled in", () => {
    expect(toImportBody(form({ text: "AIza1" }), true)).toEqual({ ok: true, body: { text: "AIza1", dryRun: true } });
    expect(
      toImportBody(form({ text: "k", tier: "1", weight: "2.5", projectId: " p ", quotaTier: "free" }), false),
    ).toEqual({
      ok: true,
      body: { text: "k", dryRun: false, tier: 1, weight: 2.5, projectId: "p", quotaTier: "free" },
    });
  });

  it("names the field that is wrong", () => {
    expect(toImportBody(form({ text: "  " }), true)).toMatchObject({ ok: false, field: "text" });
    expect(toImportBody(form({ text: "k", tier: "1.5" }), true)).toMatchObject({ ok: false, field: "tier" });
    expect(toImportBody(form({ text: "k", weight: "0" }), true)).toMatchObject({ ok: false, field: "weight" });
    expect(toImportBody(form({ text: "x".repeat(mostImportText + 1) }), true)).toMatchObject({ field: "text" });
  });

  it("asks for the passphrase of an encrypted export", () => {
    const sealed = JSON.stringify({ version: 1, salt: "s", sealed_api_keys: "…" });
    expect(isSealedExport(sealed)).toBe(true);
    expect(isSealedExport("AIza… sealed_api_keys")).toBe(false);
    expect(toImportBody(form({ text: sealed }), true)).toMatchObject({ ok: false, field: "passphrase" });
    expect(toImportBody(form({ text: sealed, passphrase: "p" }), true)).toMatchObject({ ok: true });
  });
});

describe("dropped files", () => {
  it("are read when their ending may hold keys, whatever its case, or when they have none", () => {
    for (const name of ["keys.txt", "KEYS.CSV", "a.json", "gemini.keys", "keys"])
      expect(refuseFile({ name, size: 10 })).toBeNull();
  });

  it("are refused when they are pictures, empty or too large", () => {
    expect(refuseFile({ name: "a.png", size: 10 })).toContain("a.png");
    expect(refuseFile({ name: "a.txt", size: 0 })).toContain("empty");
    expect(refuseFile({ name: "a.txt", size: mostImportText + 1 })).toContain("larger");
  });
});

describe("the preview", () => {
  const entry = { name: "n", masked: "AIza…1", id: null, reason: null, line: 1 };
  it("tells what is refused first, with its line and reason", () => {
    const lines = previewLines({
      entries: [
        { ...entry, status: "added" },
        { ...entry, status: "rejected", reason: "not a key", line: 7 },
        { ...entry, status: "duplicate", reason: "is there as 'prod'", line: 3 },
      ],
    });
    expect(lines.map((line) => [line.status, line.line, line.detail])).toEqual([
      ["rejected", 7, "not a key"],
      ["duplicate", 3, "is there as 'prod'"],
      ["added", 1, null],
    ]);
  });

  it("sums up in one line", () => {
    const counts = { added: 2, duplicates: 1, rejected: 0 };
    expect(previewSummary({ ...counts, dryRun: true })).toBe("2 would be added, 1 already there, 0 refused");
    expect(previewSummary({ ...counts, dryRun: false })).toBe("2 added, 1 already there, 0 refused");
  });
});
