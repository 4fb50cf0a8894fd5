/**
 * Which key the snippets show: a placeholder, one that was typed, or a fresh one; and whether it works.
 * @module
 */
import { type ReactNode, useState } from "react";
import { useApi, useChange, useIsAdmin } from "../../api/queries.ts";
import { call } from "../../api/client.ts";
import { Button } from "../../ui/button.tsx";
import { Card } from "../../ui/card.tsx";
import { KeyOnce } from "../../ui/code.tsx";
import { TextField } from "../../ui/field.tsx";
import { Select } from "../../ui/select.tsx";
import { ErrorState, Notice } from "../../ui/states.tsx";
import { useToast } from "../../ui/toast.tsx";
import { Duration } from "../../ui/values.tsx";
import type { ConnectDialect } from "./apps.ts";
import { type Verified, verifyKey } from "./verify.ts";

/** The box beside the snippets. */
export function KeyChoice({
  typed,
  onType,
  dialect,
}: {
  /** Empty: the placeholder. Held in memory only. */
  typed: string;
  onType: (key: string) => void;
  dialect: ConnectDialect;
}): ReactNode {
  const isAdmin = useIsAdmin();
  return (
    <Card title="Key">
      <div className="flex flex-col gap-4">
        <TextField
          label="Client key in the snippets"
          type="password"
          autoComplete="off"
          placeholder="gp-… (empty: a placeholder)"
          value={typed}
          onChange={(key) => onType(key.trim())}
          hint="It stays in this page's memory and goes nowhere but into the snippets, and to the gateway when you verify."
        />
        {isAdmin && <FreshKey onMade={onType} />}
        <Verify typed={typed} dialect={dialect} isAdmin={isAdmin} />
      </div>
    </Card>
  );
}

// --- helpers ---

function FreshKey({ onMade }: { onMade: (key: string) => void }): ReactNode {
  const toast = useToast();
  const create = useChange("createClient", { refreshes: ["listClients"] });
  const [name, setName] = useState("");
  if (create.data !== undefined) return <KeyOnce label={`Key of ${create.data.client.name}`} value={create.data.key} />;
  return (
    <form
      className="flex flex-col gap-2"
      onSubmit={(event) => {
        event.preventDefault();
        create.mutate(
          { body: { name: name.trim() } },
          {
            onSuccess: ({ key, client }) => {
              onMade(key);
              toast.done(`A key was made for ${client.name}. It is in the snippets now.`);
            },
          },
        );
      }}
    >
      <div className="flex items-end gap-2">
        <TextField
          className="flex-1"
          label="Or make a new one"
          placeholder="Name: laptop, ci …"
          maxLength={100}
          value={name}
          onChange={setName}
        />
        <Button type="submit" busy={create.isPending} disabled={name.trim() === ""}>
          Make key
        </Button>
      </div>
      {create.error !== null && <ErrorState error={create.error} compact />}
    </form>
  );
}

function Verify({ typed, dialect, isAdmin }: { typed: string; dialect: ConnectDialect; isAdmin: boolean }): ReactNode {
  const clients = useApi("listClients", {}, { enabled: isAdmin });
  const toast = useToast();
  const [chosen, setChosen] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);
  const [result, setResult] = useState<(Verified & { who: string }) | null>(null);
  const usable = clients.data?.clients.filter((client) => client.enabled) ?? [];
  const client = usable.find((one) => one.id === chosen) ?? usable[0];
  const canRun = typed !== "" || client !== undefined;
  const run = async (): Promise<void> => {
    setBusy(true);
    setResult(null);
    try {
      // A key for ten minutes that calls as this client: nobody has to type a real one.
      const key =
        typed === "" && client !== undefined
          ? (await call("createPlaygroundKey", { params: { id: client.id } })).key
          : typed;
      const verified = await verifyKey({
        dialect,
        key,
        fetch: (input, init) => fetch(input, init),
        now: () => performance.now(),
      });
      setResult({ ...verified, who: typed === "" ? (client?.name ?? "") : "the key above" });
    } catch (thrown) {
      toast.failed(thrown);
    } finally {
      setBusy(false);
    }
  };
  return (
    <div className="flex flex-col gap-2 border-t border-line pt-4">
      <div className="flex items-end gap-2">
        {typed === "" && usable.length > 0 && client !== undefined && (
          <Select
            className="flex-1"
            label="Verify as"
            value={client.id}
            options={usable.map((one) => ({ value: one.id, label: one.name, hint: `${one.prefix}…` }))}
            onChange={setChosen}
          />
        )}
        <Button
          icon="ok"
          busy={busy}
          disabled={!canRun}
          title={canRun ? "Asks the gateway for its list of models: costs no tokens" : "Type a key first"}
          onClick={() => void run()}
        >
          Verify
        </Button>
      </div>
      {!canRun && (
        <p className="text-xs text-ink-faint">
          {isAdmin ? "Make or type a key to verify it." : "Type a key to verify it: only admins can make one."}
        </p>
      )}
      <div role="status">
        {result !== null &&
          (result.ok ? (
            <Notice tone="ok">
              It works for {result.who}: {result.models.length} models in <Duration ms={result.tookMs} />.
              {result.models.length > 0 && (
                <span className="mt-1 block text-xs text-ink-soft">{result.models.slice(0, 6).join(", ")} …</span>
              )}
            </Notice>
          ) : (
            <Notice tone="warn">
              {result.status === null ? "" : `HTTP ${result.status}: `}
              {result.reason}
            </Notice>
          ))}
      </div>
    </div>
  );
}
