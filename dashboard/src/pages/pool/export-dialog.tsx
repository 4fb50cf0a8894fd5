/**
 * Saving keys as a file: masked for comparing, encrypted for moving.
 * @module
 */
import { type ReactNode, useState } from "react";
import { useChange } from "../../api/queries.ts";
import { Button } from "../../ui/button.tsx";
import { Dialog } from "../../ui/dialog.tsx";
import { TextField } from "../../ui/field.tsx";
import { ErrorState } from "../../ui/states.tsx";
import { useToast } from "../../ui/toast.tsx";
import { downloadText } from "./download.ts";

/** Least characters of a passphrase, as the gateway has it. */
const leastPassphrase = 16;

/** The dialog. @param props.ids chosen ones; null: all */
export function ExportDialog({ ids, onClose }: { ids: readonly string[] | null; onClose: () => void }): ReactNode {
  const toast = useToast();
  const save = useChange("exportCredentials");
  const [mode, setMode] = useState<"encrypted" | "masked">("encrypted");
  const [passphrase, setPassphrase] = useState("");
  const [again, setAgain] = useState("");
  const short = passphrase.length < leastPassphrase;
  const different = passphrase !== again;
  const submit = (): void =>
    save.mutate(
      {
        body: {
          mode,
          ...(mode === "encrypted" ? { passphrase } : {}),
          ...(ids === null ? {} : { ids: [...ids] }),
        },
      },
      {
        onSuccess: ({ fileName, text, count, accountsLeftOut }) => {
          downloadText({ name: fileName, text });
          const left = accountsLeftOut === 0 ? "" : ` Accounts left out: ${accountsLeftOut.toLocaleString("en-US")}.`;
          toast.done(`${count.toLocaleString("en-US")} keys saved as ${fileName}.${left}`);
          onClose();
        },
      },
    );
  return (
    <Dialog
      open
      onOpenChange={(open) => {
        if (!open) onClose();
      }}
      title={ids === null ? "Export all keys" : `Export ${ids.length.toLocaleString("en-US")} keys`}
      actions={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button
            kind="primary"
            icon="download"
            busy={save.isPending}
            disabled={mode === "encrypted" && (short || different)}
            onClick={submit}
          >
            Save file
          </Button>
        </>
      }
    >
      <fieldset className="flex flex-col gap-2">
        <legend className="sr-only">Kind of file</legend>
        {modes.map((one) => (
          <label key={one.mode} className="flex items-start gap-2 text-sm">
            <input
              type="radio"
              name="mode"
              className="mt-1 accent-accent"
              checked={mode === one.mode}
              onChange={() => setMode(one.mode)}
            />
            <span>
              <span className="font-medium">{one.label}</span>
              <span className="block text-xs text-ink-faint">{one.hint}</span>
            </span>
          </label>
        ))}
      </fieldset>
      {mode === "encrypted" && (
        <>
          <TextField
            label="Passphrase"
            type="password"
            autoComplete="new-password"
            value={passphrase}
            onChange={setPassphrase}
            hint={`At least ${leastPassphrase} characters. Without it the file cannot be read.`}
            error={passphrase !== "" && short ? `${leastPassphrase - passphrase.length} characters more.` : null}
          />
          <TextField
            label="Passphrase again"
            type="password"
            autoComplete="new-password"
            value={again}
            onChange={setAgain}
            error={again !== "" && different ? "They differ." : null}
          />
        </>
      )}
      <p className="text-xs text-ink-faint">Code Assist accounts are never in it: they log in again elsewhere.</p>
      {save.error !== null && <ErrorState error={save.error} compact />}
    </Dialog>
  );
}

// --- helpers ---

const modes = [
  {
    mode: "encrypted",
    label: "Encrypted with a passphrase",
    hint: "For a backup or another gateway: Add keys reads it again.",
  },
  { mode: "masked", label: "Masked", hint: "Names and last characters only: for comparing. It cannot be imported." },
] as const;
