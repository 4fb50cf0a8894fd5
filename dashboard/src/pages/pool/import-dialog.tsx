/**
 * Adding keys: paste or drop, see what would happen, then add.
 * @module
 */
import { type DragEvent, type ReactNode, useRef, useState } from "react";
import { useChange } from "../../api/queries.ts";
import { Badge, StateBadge } from "../../ui/badge.tsx";
import { Button } from "../../ui/button.tsx";
import { Dialog } from "../../ui/dialog.tsx";
import { TextArea, TextField } from "../../ui/field.tsx";
import { ErrorState } from "../../ui/states.tsx";
import { Table, Td, Th, VirtualRows } from "../../ui/table.tsx";
import { useToast } from "../../ui/toast.tsx";
import { poolReads } from "./reads.ts";
import {
  emptyImportForm,
  importFileEndings,
  type ImportForm,
  isSealedExport,
  previewLines,
  previewSummary,
  refuseFile,
  toImportBody,
} from "./import-preview.ts";
import type { ImportResult } from "./types.ts";

/** The dialog. Keys live in its memory only, until it closes. */
export function ImportDialog({ onClose }: { onClose: () => void }): ReactNode {
  const toast = useToast();
  const [form, setForm] = useState(emptyImportForm);
  const [fault, setFault] = useState<{ field: string; reason: string } | null>(null);
  const [preview, setPreview] = useState<ImportResult | null>(null);
  const check = useChange("importCredentials");
  const add = useChange("importCredentials", { refreshes: poolReads });
  const set = (fields: Partial<ImportForm>): void => {
    setForm((before) => ({ ...before, ...fields }));
    setFault(null);
    // What was previewed is not what would be added any more.
    setPreview(null);
    check.reset();
    add.reset();
  };
  const errorOf = (field: keyof ImportForm): string | null => (fault?.field === field ? fault.reason : null);
  const send = (dryRun: boolean): void => {
    const read = toImportBody(form, dryRun);
    if (!read.ok) {
      setFault(read);
      return;
    }
    if (dryRun) {
      check.mutate({ body: read.body }, { onSuccess: setPreview });
      return;
    }
    add.mutate(
      { body: read.body },
      {
        onSuccess: (result) => {
          toast.done(`Keys: ${previewSummary(result)}.`);
          if (result.rejected === 0) onClose();
          else setPreview(result);
        },
      },
    );
  };
  const done = preview !== null && !preview.dryRun;
  const failure = check.error ?? add.error;
  return (
    <Dialog
      open
      wide
      keepOpen
      onOpenChange={(open) => {
        if (!open) onClose();
      }}
      title="Add keys"
      description="One a line, commas, CSV, JSON, exports of older proxies, or an encrypted export of this one."
      actions={
        done ? (
          <Button kind="primary" onClick={onClose}>
            Close
          </Button>
        ) : (
          <>
            <Button onClick={onClose}>Cancel</Button>
            <Button busy={check.isPending} kind={preview === null ? "primary" : "secondary"} onClick={() => send(true)}>
              Preview
            </Button>
            <Button
              kind="primary"
              busy={add.isPending}
              disabled={preview === null || preview.added === 0}
              onClick={() => send(false)}
            >
              {preview === null ? "Add" : `Add ${preview.added.toLocaleString("en-US")}`}
            </Button>
          </>
        )
      }
    >
      <KeyText form={form} error={errorOf("text")} onChange={set} />
      {isSealedExport(form.text) && (
        <TextField
          label="Passphrase of the export"
          type="password"
          autoComplete="off"
          value={form.passphrase}
          error={errorOf("passphrase")}
          onChange={(passphrase) => set({ passphrase })}
        />
      )}
      <details className="rounded-md border border-line p-3">
        <summary className="text-sm font-medium">For entries that say nothing else</summary>
        <div className="mt-3 grid gap-3 sm:grid-cols-2">
          <TextField
            label="Google project"
            hint="Keys of one project share its quota."
            value={form.projectId}
            onChange={(projectId) => set({ projectId })}
          />
          <TextField
            label="Quota tier"
            hint="free, paid1 …"
            value={form.quotaTier}
            onChange={(quotaTier) => set({ quotaTier })}
          />
          <TextField
            label="Tier"
            hint="Lower ones are used first."
            value={form.tier}
            error={errorOf("tier")}
            onChange={(tier) => set({ tier })}
          />
          <TextField
            label="Weight"
            value={form.weight}
            error={errorOf("weight")}
            onChange={(weight) => set({ weight })}
          />
        </div>
      </details>
      {failure !== null && <ErrorState error={failure} compact />}
      {preview !== null && <Preview result={preview} />}
    </Dialog>
  );
}

// --- helpers ---

function KeyText({
  form,
  error,
  onChange,
}: {
  form: ImportForm;
  error: string | null;
  onChange: (fields: Partial<ImportForm>) => void;
}): ReactNode {
  const picker = useRef<HTMLInputElement>(null);
  const [over, setOver] = useState(false);
  const [refusals, setRefusals] = useState<string[]>([]);
  const take = async (files: readonly File[]): Promise<void> => {
    const refused: string[] = [];
    const texts: string[] = [];
    for (const file of files.slice(0, 20)) {
      const reason = refuseFile(file);
      if (reason === null) texts.push(await file.text());
      else refused.push(reason);
    }
    setRefusals(refused);
    if (texts.length > 0) onChange({ text: [form.text, ...texts].filter((text) => text.trim() !== "").join("\n") });
  };
  const drop = (event: DragEvent): void => {
    if (event.dataTransfer.files.length === 0) return;
    event.preventDefault();
    setOver(false);
    void take([...event.dataTransfer.files]);
  };
  return (
    <div
      onDragOver={(event) => {
        event.preventDefault();
        setOver(true);
      }}
      onDragLeave={() => setOver(false)}
      onDrop={drop}
      className={`flex flex-col gap-2 rounded-md ${over ? "outline-2 outline-offset-4 outline-accent" : ""}`}
    >
      <TextArea
        label="Keys"
        mono
        rows={8}
        value={form.text}
        error={error}
        autoCapitalize="off"
        placeholder={'AIza…\nAQ.…\nname,key,project\n{ "api_keys": [ … ] }'}
        onChange={(text) => onChange({ text })}
      />
      <div className="flex flex-wrap items-center gap-2">
        <Button size="small" icon="upload" onClick={() => picker.current?.click()}>
          Choose files
        </Button>
        <span className="text-xs text-ink-faint">or drop them here: {importFileEndings.join(", ")}</span>
        <input
          ref={picker}
          type="file"
          multiple
          accept={importFileEndings.join(",")}
          className="sr-only"
          tabIndex={-1}
          aria-label="Files with keys"
          onChange={({ currentTarget }) => {
            void take([...(currentTarget.files ?? [])]);
            currentTarget.value = "";
          }}
        />
      </div>
      {refusals.map((refusal) => (
        <p key={refusal} role="alert" className="text-xs text-bad">
          {refusal}
        </p>
      ))}
    </div>
  );
}

function Preview({ result }: { result: ImportResult }): ReactNode {
  const lines = previewLines(result);
  return (
    <section aria-label="Preview" className="flex flex-col gap-2">
      <p role="status" className="flex flex-wrap items-center gap-2 text-sm">
        {previewSummary(result)}
        {result.dryRun && <Badge tone="info">nothing is changed yet</Badge>}
      </p>
      <Table label="Keys of the import" maxHeight="18rem" className="rounded-md border border-line">
        <thead>
          <tr>
            <Th right>Line</Th>
            <Th>Key</Th>
            <Th>What</Th>
            <Th>Why</Th>
          </tr>
        </thead>
        <VirtualRows count={lines.length} rowHeight={36} columns={4}>
          {(index) => {
            const line = lines[index];
            return (
              <tr key={index}>
                <Td right className="text-ink-faint">
                  {line?.line ?? "—"}
                </Td>
                <Td className="max-w-56 truncate font-mono text-xs">{line?.title}</Td>
                <Td>
                  <StateBadge state={line?.status ?? ""} />
                </Td>
                <Td className="max-w-72 truncate text-xs text-ink-soft" title={line?.detail ?? ""}>
                  {line?.detail}
                </Td>
              </tr>
            );
          }}
        </VirtualRows>
      </Table>
    </section>
  );
}
