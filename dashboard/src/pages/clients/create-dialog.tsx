/**
 * Making a client key. It is told once, with a call to try.
 * @module
 */
import { type ReactNode, useState } from "react";
import { useChange } from "../../api/queries.ts";
import { useZone } from "../../lib/use-zone.ts";
import { Button, Link } from "../../ui/button.tsx";
import { CodeBlock, KeyOnce } from "../../ui/code.tsx";
import { Dialog } from "../../ui/dialog.tsx";
import { ErrorState } from "../../ui/states.tsx";
import { defaultModel, gatewayUrl } from "../connect/addresses.ts";
import { chooseApp } from "../connect/all-apps.ts";
import { ClientFields } from "./client-fields.tsx";
import { type ClientForm, emptyClientForm, readClientForm } from "./client-form.ts";

/** The dialog. The key lives in it only. */
export function CreateDialog({ url, onClose }: { url: string | undefined; onClose: () => void }): ReactNode {
  const zone = useZone();
  const [form, setForm] = useState(emptyClientForm);
  const [fault, setFault] = useState<{ field: keyof ClientForm; reason: string } | null>(null);
  const create = useChange("createClient", { refreshes: ["listClients", "getAttention"] });
  const submit = (): void => {
    const read = readClientForm(form, zone);
    if (read.ok) create.mutate({ body: read.values });
    else setFault(read);
  };
  const made = create.data;
  return (
    <Dialog
      open
      wide
      keepOpen
      onOpenChange={(open) => {
        if (!open) onClose();
      }}
      title={made === undefined ? "New client key" : `Key of ${made.client.name}`}
      description={made === undefined ? "Who may call this gateway, and how much." : undefined}
      actions={
        made === undefined ? (
          <>
            <Button onClick={onClose}>Cancel</Button>
            <Button kind="primary" busy={create.isPending} onClick={submit}>
              Make key
            </Button>
          </>
        ) : (
          <>
            <Link to="/connect" button="secondary">
              How to connect
            </Link>
            <Button kind="primary" onClick={onClose}>
              I have copied it
            </Button>
          </>
        )
      }
    >
      {made === undefined ? (
        <form
          onSubmit={(event) => {
            event.preventDefault();
            submit();
          }}
        >
          <ClientFields
            form={form}
            fault={fault}
            onChange={(fields) => {
              setForm((before) => ({ ...before, ...fields }));
              setFault(null);
            }}
          />
          <button type="submit" hidden aria-hidden="true" tabIndex={-1} />
        </form>
      ) : (
        <>
          <KeyOnce label="Client key" value={made.key} />
          <TryIt url={gatewayUrl(url, location.origin)} clientKey={made.key} model={made.client.allowedModels?.[0]} />
        </>
      )}
      {create.error !== null && <ErrorState error={create.error} compact />}
    </Dialog>
  );
}

// --- helpers ---

function TryIt({ url, clientKey, model }: { url: string; clientKey: string; model: string | undefined }): ReactNode {
  const named = model === undefined || model.includes("*") ? defaultModel : model;
  const [snippet] = chooseApp({ app: "curl", dialect: "gemini" }).form.build({ url, key: clientKey, model: named });
  return (
    <section className="flex flex-col gap-2">
      <h3 className="text-sm font-semibold">Try it</h3>
      <CodeBlock text={snippet?.text ?? ""} language="sh" label="command to try" />
    </section>
  );
}
