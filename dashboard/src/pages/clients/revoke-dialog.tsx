/**
 * Revoking a client key. The name is typed, since whoever uses the key stops at once.
 * @module
 */
import { type ReactNode, useState } from "react";
import { useChange } from "../../api/queries.ts";
import { Button } from "../../ui/button.tsx";
import { Dialog } from "../../ui/dialog.tsx";
import { TextField } from "../../ui/field.tsx";
import { ErrorState } from "../../ui/states.tsx";
import { useToast } from "../../ui/toast.tsx";
import type { Client } from "./types.ts";

/** The dialog. */
export function RevokeDialog({
  client,
  onClose,
  onRevoked,
}: {
  client: Client;
  onClose: () => void;
  onRevoked: () => void;
}): ReactNode {
  const toast = useToast();
  const revoke = useChange("deleteClient", { refreshes: ["listClients"] });
  const [typed, setTyped] = useState("");
  const matches = typed.trim() === client.name;
  const submit = (): void => {
    if (!matches) return;
    revoke.mutate(
      { params: { id: client.id } },
      {
        onSuccess: () => {
          toast.done(`The key of ${client.name} was revoked.`);
          onRevoked();
        },
      },
    );
  };
  return (
    <Dialog
      open
      onOpenChange={(open) => {
        if (!open) onClose();
      }}
      title={`Revoke ${client.name}?`}
      actions={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button kind="danger" busy={revoke.isPending} disabled={!matches} onClick={submit}>
            Revoke key
          </Button>
        </>
      }
    >
      <p className="text-sm text-ink-soft">
        Calls with <span className="font-mono">{client.prefix}…</span> are refused from now on, and the key cannot be
        brought back. Its calls stay in the log. To pause it, switch it off instead.
      </p>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          submit();
        }}
      >
        <TextField
          label={
            <>
              Type <span className="font-mono">{client.name}</span> to go on
            </>
          }
          value={typed}
          onChange={setTyped}
        />
      </form>
      {revoke.error !== null && <ErrorState error={revoke.error} compact />}
    </Dialog>
  );
}
