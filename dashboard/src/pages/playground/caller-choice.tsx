/**
 * As whom the playground calls: a client, by a key that is made for ten minutes, or a key that is typed.
 * @module
 */
import type { ReactNode } from "react";
import type { Client } from "../../api/types.ts";
import { TextField } from "../../ui/field.tsx";
import { Select, type SelectOption } from "../../ui/select.tsx";
import { ErrorState } from "../../ui/states.tsx";
import type { ApiError } from "../../api/error.ts";

/** Stands for "a key that I type" among the clients. */
export const typedKey = "typed-key";

/** The choice. Viewers cannot have keys made, so they type one. */
export function CallerChoice({
  clients,
  error,
  value,
  onChange,
  typed,
  onType,
  isAdmin,
}: {
  clients: readonly Client[];
  error: ApiError | null;
  /** Id of a client, or `typedKey`. */
  value: string;
  onChange: (value: string) => void;
  typed: string;
  onType: (key: string) => void;
  isAdmin: boolean;
}): ReactNode {
  const options: SelectOption<string>[] = [
    ...(isAdmin
      ? clients.map((client) => ({
          value: client.id,
          label: client.name,
          hint: client.enabled ? `${client.prefix}…` : "off",
          disabled: !client.enabled,
        }))
      : []),
    { value: typedKey, label: "A key that I type", hint: "held in this page's memory only" },
  ];
  return (
    <div className="flex flex-col gap-3">
      <Select
        label="Call as"
        value={value}
        options={options}
        onChange={onChange}
        hint={
          value === typedKey
            ? isAdmin
              ? undefined
              : "Only admins can have a key made for a client."
            : "A key for ten minutes is made when you send. It has the client's limits and is kept nowhere."
        }
      />
      {value === typedKey && (
        <TextField
          label="Client key"
          type="password"
          autoComplete="off"
          placeholder="gp-…"
          value={typed}
          onChange={(key) => onType(key.trim())}
        />
      )}
      {error !== null && <ErrorState error={error} compact />}
    </div>
  );
}
