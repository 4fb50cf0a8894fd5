/**
 * After the first log-in with the admin token: an offer to set a password, so that the token can be put away.
 * @module
 */
import { useQueryClient } from "@tanstack/react-query";
import { type SubmitEvent, type ReactNode, useId, useState } from "react";
import { call } from "../../api/client.ts";
import { type ApiError, asApiError } from "../../api/error.ts";
import { queryKey, rememberSession } from "../../api/queries.ts";
import { Button } from "../../ui/button.tsx";
import { Dialog } from "../../ui/dialog.tsx";
import { TextField } from "../../ui/field.tsx";
import { ErrorState } from "../../ui/states.tsx";

/** The offer; it can be declined. */
export function PasswordDialog({ open, onClose }: { open: boolean; onClose: () => void }): ReactNode {
  const client = useQueryClient();
  const form = useId();
  const [name, setName] = useState("admin");
  const [password, setPassword] = useState("");
  const [again, setAgain] = useState("");
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<ApiError | null>(null);
  const short = password !== "" && password.length < 12;
  const differs = again !== "" && again !== password;
  const ready = name.trim() !== "" && password.length >= 12 && again === password;

  const submit = async (event: SubmitEvent): Promise<void> => {
    event.preventDefault();
    if (!ready) return;
    setBusy(true);
    setError(null);
    try {
      const session = rememberSession(await call("setPassword", { body: { name: name.trim(), password } }));
      client.setQueryData(queryKey("getSession", {}), session);
      onClose();
    } catch (thrown) {
      setError(asApiError(thrown));
    } finally {
      setBusy(false);
    }
  };

  return (
    <Dialog
      open={open}
      onOpenChange={(next) => {
        if (!next) onClose();
      }}
      keepOpen
      title="Set a password"
      description="Then you log in with your name, and the admin token can be put away. You can also do this later, in Settings."
      actions={
        <>
          <Button onClick={onClose}>Skip for now</Button>
          <Button type="submit" form={form} kind="primary" busy={busy} disabled={!ready}>
            Set password
          </Button>
        </>
      }
    >
      <form id={form} className="flex flex-col gap-4" onSubmit={(event) => void submit(event)}>
        <TextField label="Name" value={name} onChange={setName} maxLength={64} autoComplete="username" required />
        <TextField
          label="Password"
          type="password"
          value={password}
          onChange={setPassword}
          maxLength={256}
          autoComplete="new-password"
          required
          hint="At least 12 characters."
          error={short ? "At least 12 characters are needed." : null}
        />
        <TextField
          label="Password again"
          type="password"
          value={again}
          onChange={setAgain}
          maxLength={256}
          autoComplete="new-password"
          required
          error={differs ? "The two are not the same." : null}
        />
        {error !== null && <ErrorState error={error} compact />}
      </form>
    </Dialog>
  );
}
