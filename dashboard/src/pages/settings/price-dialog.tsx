/**
 * Editing one own price row.
 * @module
 */
import { type ReactNode, useState } from "react";
import { type ApiError, asApiError } from "../../api/error.ts";
import type { PriceRow } from "../../api/types.ts";
import { Button } from "../../ui/button.tsx";
import { Dialog } from "../../ui/dialog.tsx";
import { TextField } from "../../ui/field.tsx";
import { ErrorState } from "../../ui/states.tsx";
import { type PriceForm, readPriceForm } from "./price-form.ts";

type Field = Exclude<keyof PriceForm, "rest">;

/** The dialog. */
export function PriceDialog({
  first,
  isNew,
  onClose,
  onSave,
}: {
  first: PriceForm;
  isNew: boolean;
  onClose: () => void;
  /** Rejects when the gateway refuses it. */
  onSave: (row: PriceRow) => Promise<void>;
}): ReactNode {
  const [form, setForm] = useState(first);
  const [fault, setFault] = useState<{ field: Field; reason: string } | null>(null);
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<ApiError | null>(null);
  const submit = async (): Promise<void> => {
    const read = readPriceForm(form);
    if (!read.ok) {
      setFault(read);
      return;
    }
    setBusy(true);
    setError(null);
    try {
      await onSave(read.row);
    } catch (thrown) {
      setError(asApiError(thrown));
      setBusy(false);
    }
  };
  const field = (name: Field, label: string, more: { hint?: string; type?: string } = {}): ReactNode => (
    <TextField
      label={label}
      {...more}
      inputMode={name === "models" || name === "from" ? "text" : "decimal"}
      value={form[name]}
      error={fault?.field === name ? fault.reason : null}
      onChange={(value) => {
        setForm((before) => ({ ...before, [name]: value }));
        setFault(null);
      }}
    />
  );
  return (
    <Dialog
      open
      keepOpen
      onOpenChange={(open) => {
        if (!open) onClose();
      }}
      title={isNew ? "Add a price" : "Change a price"}
      description="Dollars per million tokens."
      actions={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button kind="primary" busy={busy} onClick={() => void submit()}>
            Save
          </Button>
        </>
      }
    >
      <form
        className="flex flex-col gap-3"
        onSubmit={(event) => {
          event.preventDefault();
          void submit();
        }}
      >
        {field("models", "Models", { hint: "Comma separated; a trailing * takes a family." })}
        {field("from", "From", { type: "date", hint: "Pacific time. Empty: always." })}
        <div className="grid grid-cols-3 gap-3">
          {field("input", "Input")}
          {field("output", "Output")}
          {field("cached", "Cached input", { hint: "Empty: not known" })}
        </div>
        <details className="rounded-md border border-line p-3" open={first.longAbove !== ""}>
          <summary className="text-sm font-medium">Another price for long prompts</summary>
          <div className="mt-3 grid grid-cols-2 gap-3">
            {field("longAbove", "Above so many tokens")}
            {field("longInput", "Input")}
            {field("longOutput", "Output")}
            {field("longCached", "Cached input")}
          </div>
        </details>
        <button type="submit" hidden tabIndex={-1} aria-hidden="true" />
      </form>
      {error !== null && <ErrorState error={error} compact />}
    </Dialog>
  );
}
