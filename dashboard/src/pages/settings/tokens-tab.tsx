/**
 * Tokens with which tools use the admin API.
 * @module
 */
import { type ReactNode, useState } from "react";
import { useApi, useChange } from "../../api/queries.ts";
import type { Token } from "../../api/types.ts";
import { useNow } from "../../lib/use-now.ts";
import { useZone } from "../../lib/use-zone.ts";
import { momentOf } from "../../lib/zone.ts";
import { Badge } from "../../ui/badge.tsx";
import { Button } from "../../ui/button.tsx";
import { Card } from "../../ui/card.tsx";
import { CodeBlock, KeyOnce } from "../../ui/code.tsx";
import { ConfirmDialog, Dialog } from "../../ui/dialog.tsx";
import { TextField } from "../../ui/field.tsx";
import { Select } from "../../ui/select.tsx";
import { EmptyState, ErrorState, Skeleton } from "../../ui/states.tsx";
import { Table, Td, Th } from "../../ui/table.tsx";
import { useToast } from "../../ui/toast.tsx";
import { Time } from "../../ui/values.tsx";
import { shellWord } from "../connect/addresses.ts";

/** The tab. */
export function TokensTab(): ReactNode {
  const tokens = useApi("listTokens", {});
  const toast = useToast();
  const now = useNow(60_000);
  const revoke = useChange("deleteToken", { refreshes: ["listTokens"] });
  const [making, setMaking] = useState(false);
  const [revoking, setRevoking] = useState<Token | null>(null);
  const list = tokens.data?.tokens;
  return (
    <Card
      title="Tokens"
      flush
      actions={
        <Button icon="plus" size="small" onClick={() => setMaking(true)}>
          New token
        </Button>
      }
    >
      {list === undefined ? (
        <div className="p-4">
          {tokens.error === null ? (
            <Skeleton lines={3} />
          ) : (
            <ErrorState error={tokens.error} onRetry={() => void tokens.refetch()} />
          )}
        </div>
      ) : list.length === 0 ? (
        <EmptyState
          title="There are no tokens"
          body="A token lets a script use the admin API, with a role and an end."
        />
      ) : (
        <Table label="Tokens">
          <thead>
            <tr>
              <Th>Name</Th>
              <Th>Begins with</Th>
              <Th>Role</Th>
              <Th>Made</Th>
              <Th>Last used</Th>
              <Th>Ends</Th>
              <Th>
                <span className="sr-only">Actions</span>
              </Th>
            </tr>
          </thead>
          <tbody>
            {list.map((token) => (
              <tr key={token.id}>
                <Td className="font-medium">{token.name}</Td>
                <Td className="font-mono text-xs">{token.prefix}…</Td>
                <Td>{token.role}</Td>
                <Td>
                  <Time at={token.createdAt} />
                </Td>
                <Td>{token.lastUsedAt === null ? "never" : <Time at={token.lastUsedAt} style="ago" />}</Td>
                <Td>
                  {token.expiresAt === null ? (
                    "never"
                  ) : token.expiresAt <= now ? (
                    <Badge tone="bad" icon="clock">
                      ended
                    </Badge>
                  ) : (
                    <Time at={token.expiresAt} />
                  )}
                </Td>
                <Td right>
                  <Button size="small" icon="trash" onClick={() => setRevoking(token)}>
                    Revoke
                  </Button>
                </Td>
              </tr>
            ))}
          </tbody>
        </Table>
      )}
      {making && <MakeDialog onClose={() => setMaking(false)} />}
      <ConfirmDialog
        open={revoking !== null}
        onOpenChange={(open) => {
          if (!open) setRevoking(null);
        }}
        title={`Revoke ${revoking?.name ?? ""}?`}
        body="Whatever uses this token is refused at once. It cannot be brought back."
        action="Revoke token"
        danger
        onConfirm={async () => {
          if (revoking === null) return;
          await revoke.mutateAsync({ params: { id: revoking.id } });
          toast.done(`The token ${revoking.name} was revoked.`);
        }}
      />
    </Card>
  );
}

// --- helpers ---

function MakeDialog({ onClose }: { onClose: () => void }): ReactNode {
  const zone = useZone();
  const create = useChange("createToken", { refreshes: ["listTokens"] });
  const [name, setName] = useState("");
  const [role, setRole] = useState<Token["role"]>("viewer");
  const [end, setEnd] = useState("");
  const expiresAt = end === "" ? null : momentOf(end, zone);
  const fault = end !== "" && (expiresAt === null || expiresAt <= Date.now()) ? "A time to come." : null;
  const ready = name.trim() !== "" && fault === null;
  const submit = (): void => {
    if (ready) create.mutate({ body: { name: name.trim(), role, expiresAt } });
  };
  const made = create.data;
  return (
    <Dialog
      open
      keepOpen
      onOpenChange={(open) => {
        if (!open) onClose();
      }}
      title={made === undefined ? "New token" : `Token ${made.token.name}`}
      actions={
        made === undefined ? (
          <>
            <Button onClick={onClose}>Cancel</Button>
            <Button kind="primary" busy={create.isPending} disabled={!ready} onClick={submit}>
              Make token
            </Button>
          </>
        ) : (
          <Button kind="primary" onClick={onClose}>
            I have copied it
          </Button>
        )
      }
    >
      {made === undefined ? (
        <form
          className="flex flex-col gap-3"
          onSubmit={(event) => {
            event.preventDefault();
            submit();
          }}
        >
          <TextField label="Name" value={name} maxLength={100} placeholder="backup script" onChange={setName} />
          <Select
            label="Role"
            value={role}
            options={[
              { value: "viewer", label: "Viewer", hint: "Reads" },
              { value: "admin", label: "Admin", hint: "Does everything" },
            ]}
            onChange={setRole}
          />
          <TextField
            label="Ends"
            type="datetime-local"
            value={end}
            error={fault}
            hint={`In ${zone.replaceAll("_", " ")}. Empty: never.`}
            onChange={setEnd}
          />
          <button type="submit" hidden tabIndex={-1} aria-hidden="true" />
        </form>
      ) : (
        <>
          <KeyOnce label="Token" value={made.secret} />
          <CodeBlock
            language="sh"
            label="command to try"
            text={`curl ${shellWord(`${location.origin}/admin/api/v1/health`)} \\\n  -H ${shellWord(`Authorization: Bearer ${made.secret}`)}`}
          />
        </>
      )}
      {create.error !== null && <ErrorState error={create.error} compact />}
    </Dialog>
  );
}
