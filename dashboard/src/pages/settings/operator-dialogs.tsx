/**
 * Questions about people who may log in: adding one, a new password, role, on and off, removing.
 * @module
 */
import { type ReactNode, useState } from "react";
import { useChange } from "../../api/queries.ts";
import type { Operator } from "../../api/types.ts";
import { Button } from "../../ui/button.tsx";
import { ConfirmDialog, Dialog } from "../../ui/dialog.tsx";
import { TextField } from "../../ui/field.tsx";
import { Select } from "../../ui/select.tsx";
import { ErrorState } from "../../ui/states.tsx";
import { useToast } from "../../ui/toast.tsx";

type Role = Operator["role"];
/** What is asked of whom. */
export type OperatorQuestion =
  | { kind: "add" }
  | { kind: "password"; operator: Operator }
  | { kind: "role"; operator: Operator }
  | { kind: "switch"; operator: Operator }
  | { kind: "remove"; operator: Operator };

/** Adds a person. */
export function AddDialog({ onClose }: { onClose: () => void }): ReactNode {
  const toast = useToast();
  const create = useChange("createOperator", { refreshes: ["listOperators", "getSession"] });
  const [name, setName] = useState("");
  const [role, setRole] = useState<Role>("viewer");
  const [password, setPassword] = useState("");
  const ready = name.trim() !== "" && password.length >= leastPassword;
  const submit = (): void => {
    if (!ready) return;
    create.mutate(
      { body: { name: name.trim(), role, password } },
      {
        onSuccess: (made) => {
          toast.done(`${made.name} may log in now.`);
          onClose();
        },
      },
    );
  };
  return (
    <Dialog
      open
      keepOpen
      onOpenChange={(next) => {
        if (!next) onClose();
      }}
      title="Add operator"
      actions={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button kind="primary" busy={create.isPending} disabled={!ready} onClick={submit}>
            Add
          </Button>
        </>
      }
    >
      <form
        className="flex flex-col gap-3"
        onSubmit={(event) => {
          event.preventDefault();
          submit();
        }}
      >
        <TextField label="Name" value={name} maxLength={64} autoComplete="off" onChange={setName} />
        <Select label="Role" value={role} options={roleOptions} onChange={setRole} />
        <TextField
          label="Password"
          type="password"
          autoComplete="new-password"
          value={password}
          error={passwordError(password)}
          hint="Tell it by a safe way; it can be changed after the log-in."
          onChange={setPassword}
        />
        <button type="submit" hidden tabIndex={-1} aria-hidden="true" />
      </form>
      {create.error !== null && <ErrorState error={create.error} compact />}
    </Dialog>
  );
}

/** Sets a new password for a person. */
export function PasswordDialog({ operator, onClose }: { operator: Operator; onClose: () => void }): ReactNode {
  const toast = useToast();
  const change = useChange("changeOperator", { refreshes: ["listOperators"] });
  const [password, setPassword] = useState("");
  const ready = password.length >= leastPassword;
  const submit = (): void => {
    if (!ready) return;
    change.mutate(
      { params: { id: operator.id }, body: { password } },
      {
        onSuccess: () => {
          toast.done(`${operator.name} has a new password and was logged out everywhere.`);
          onClose();
        },
      },
    );
  };
  return (
    <Dialog
      open
      keepOpen
      onOpenChange={(next) => {
        if (!next) onClose();
      }}
      title={`New password for ${operator.name}`}
      actions={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button kind="primary" busy={change.isPending} disabled={!ready} onClick={submit}>
            Set password
          </Button>
        </>
      }
    >
      <form
        onSubmit={(event) => {
          event.preventDefault();
          submit();
        }}
      >
        <TextField
          label="Password"
          type="password"
          autoComplete="new-password"
          value={password}
          error={passwordError(password)}
          hint="All of this person's sessions end."
          onChange={setPassword}
        />
      </form>
      {change.error !== null && <ErrorState error={change.error} compact />}
    </Dialog>
  );
}

/** Asks before a role is changed, a person is switched on or off, or removed. */
export function ChangeDialog({
  open,
  isOwn,
  onClose,
}: {
  open: Extract<OperatorQuestion, { operator: Operator }>;
  isOwn: boolean;
  onClose: () => void;
}): ReactNode {
  const toast = useToast();
  const change = useChange("changeOperator", { refreshes: ["listOperators", "getSession"] });
  const remove = useChange("deleteOperator", { refreshes: ["listOperators", "getSession"] });
  const { operator } = open;
  const params = { id: operator.id };
  const role: Role = operator.role === "admin" ? "viewer" : "admin";
  const self = isOwn ? " This is you: you are logged out." : "";
  const offer =
    open.kind === "remove"
      ? { title: `Remove ${operator.name}?`, action: "Remove", body: `Their sessions end at once.${self}` }
      : open.kind === "role"
        ? {
            title: `Make ${operator.name} ${role}?`,
            action: `Make ${role}`,
            body: `Their sessions end; the role holds from the next log-in.${self}`,
          }
        : operator.enabled
          ? {
              title: `Switch ${operator.name} off?`,
              action: "Switch off",
              body: `Their sessions end and they cannot log in.${self}`,
            }
          : { title: `Switch ${operator.name} on?`, action: "Switch on", body: "They may log in again." };
  return (
    <ConfirmDialog
      open
      onOpenChange={(next) => {
        if (!next) onClose();
      }}
      {...offer}
      danger={open.kind === "remove"}
      onConfirm={async () => {
        if (open.kind === "remove") await remove.mutateAsync({ params });
        else
          await change.mutateAsync({ params, body: open.kind === "role" ? { role } : { enabled: !operator.enabled } });
        toast.done(`${operator.name}: ${offer.action.toLowerCase()} is done.`);
      }}
    />
  );
}

// --- helpers ---

const leastPassword = 12;
const roleOptions = [
  { value: "viewer" as const, label: "Viewer", hint: "Sees everything but secrets, changes nothing." },
  { value: "admin" as const, label: "Admin", hint: "Does everything." },
];

function passwordError(password: string): string | null {
  return password !== "" && password.length < leastPassword ? `At least ${leastPassword} characters.` : null;
}
