/**
 * Adding a Code Assist account, and logging one in again.
 * @module
 */
import { type ReactNode, useState } from "react";
import { useChange } from "../../api/queries.ts";
import { Button } from "../../ui/button.tsx";
import { Dialog } from "../../ui/dialog.tsx";
import { TextArea, TextField } from "../../ui/field.tsx";
import { ErrorState, Notice, Skeleton } from "../../ui/states.tsx";
import { Tabs } from "../../ui/tabs.tsx";
import { type AccountForm, emptyAccountForm, toAddBody } from "./account-form.ts";
import { AccountLoginSteps } from "./account-login.tsx";
import { CheckResult } from "./check-result.tsx";
import { poolReads } from "./reads.ts";
import type { AddedAccount } from "./types.ts";

/** The dialog that adds one. Tokens live in its memory only, until it closes. */
export function AddAccountDialog({ onClose }: { onClose: () => void }): ReactNode {
  const [way, setWay] = useState<"login" | "file">("login");
  const [form, setForm] = useState(emptyAccountForm);
  const [text, setText] = useState("");
  const [fault, setFault] = useState<Fault>(null);
  const [added, setAdded] = useState<AddedAccount | null>(null);
  const add = useChange("addAccount", { refreshes: poolReads });
  const send = (): void => {
    const read = toAddBody(text, form);
    setFault(read.ok ? null : read);
    if (read.ok) add.mutate({ body: read.value }, { onSuccess: setAdded });
  };
  const change = (fields: Partial<AccountForm>): void => {
    setForm((before) => ({ ...before, ...fields }));
    setFault(null);
  };
  return (
    <AccountDialog title="Add a Code Assist account" added={added} onClose={onClose}>
      <LicenceNotice />
      <Tabs
        label="How it is added"
        value={way}
        onChange={setWay}
        tabs={[
          {
            value: "login",
            label: "Log in with a browser",
            panel: <AccountLoginSteps id={null} form={form} onWrong={setFault} onDone={setAdded} />,
          },
          {
            value: "file",
            label: "Paste oauth_creds.json",
            panel: (
              <div className="flex flex-col gap-3">
                <TextArea
                  label="Content of oauth_creds.json"
                  hint="Another program’s log-in, such as ~/.gemini/oauth_creds.json. It is sealed at once and never shown again."
                  mono
                  rows={6}
                  autoCapitalize="off"
                  value={text}
                  error={fault?.field === "text" ? fault.reason : null}
                  onChange={(next) => {
                    setText(next);
                    setFault(null);
                    add.reset();
                  }}
                />
                {add.error !== null && <ErrorState error={add.error} compact />}
                <div>
                  <Button kind="primary" busy={add.isPending} onClick={send}>
                    Add account
                  </Button>
                </div>
              </div>
            ),
          },
        ]}
      />
      <Choices form={form} fault={fault} onChange={change} />
    </AccountDialog>
  );
}

/** The dialog that gives an account that is here new tokens. */
export function LoginAgainDialog({ id, name, onClose }: { id: string; name: string; onClose: () => void }): ReactNode {
  const [added, setAdded] = useState<AddedAccount | null>(null);
  return (
    <AccountDialog title={`Log ${name} in again`} added={added} onClose={onClose}>
      <AccountLoginSteps id={id} form={emptyAccountForm} onWrong={ignore} onDone={setAdded} />
    </AccountDialog>
  );
}

// --- helpers ---

type Fault = { field: string; reason: string } | null;

/** A log-in again has no fields that could be wrong. */
const ignore = (): void => undefined;

function AccountDialog({
  title,
  added,
  onClose,
  children,
}: {
  title: string;
  /** What came of it; null: not yet. */
  added: AddedAccount | null;
  onClose: () => void;
  children: ReactNode;
}): ReactNode {
  return (
    <Dialog
      open
      wide
      keepOpen
      onOpenChange={(open) => {
        if (!open) onClose();
      }}
      title={title}
      actions={
        <Button kind={added === null ? "secondary" : "primary"} onClick={onClose}>
          {added === null ? "Cancel" : "Close"}
        </Button>
      }
    >
      {added === null ? children : <Added added={added} />}
    </Dialog>
  );
}

function LicenceNotice(): ReactNode {
  return (
    <Notice tone="info">
      For holders of a Gemini Code Assist Standard or Enterprise licence only: Google serves no other accounts here.
      What is needed, and where the OAuth client comes from, is in docs/code-assist.md.
    </Notice>
  );
}

function Choices({
  form,
  fault,
  onChange,
}: {
  form: AccountForm;
  fault: Fault;
  onChange: (fields: Partial<AccountForm>) => void;
}): ReactNode {
  const errorOf = (field: keyof AccountForm): string | null => (fault?.field === field ? fault.reason : null);
  const wrong = fault !== null && Object.hasOwn(form, fault.field);
  return (
    <details className="rounded-md border border-line p-3" open={wrong ? true : undefined}>
      <summary className="text-sm font-medium">Name, project, tier</summary>
      <div className="mt-3 grid gap-3 sm:grid-cols-2">
        <TextField
          label="Name"
          hint="Empty: its address."
          maxLength={100}
          value={form.name}
          error={errorOf("name")}
          onChange={(name) => onChange({ name })}
        />
        <TextField
          label="Google Cloud project"
          hint="The licence’s project, by id. Empty: GEMINI_PROJECT_ID, or what Google names."
          value={form.cloudProject}
          error={errorOf("cloudProject")}
          onChange={(cloudProject) => onChange({ cloudProject })}
        />
        <TextField
          label="Tier"
          hint="Lower ones are used first: keys and accounts back each other up by it."
          inputMode="numeric"
          value={form.tier}
          error={errorOf("tier")}
          onChange={(tier) => onChange({ tier })}
        />
        <TextField
          label="Weight"
          inputMode="decimal"
          value={form.weight}
          error={errorOf("weight")}
          onChange={(weight) => onChange({ weight })}
        />
      </div>
    </details>
  );
}

/** What was stored, and whether Google serves it. */
function Added({ added }: { added: AddedAccount }): ReactNode {
  const { status, credential, warnings } = added;
  const check = useChange("checkCredential", { refreshes: poolReads });
  return (
    <div className="flex flex-col gap-3">
      <Notice tone="ok">
        <p role="status">
          {status === "added" ? `${credential.name} was added.` : `${credential.name} has the new tokens.`}
        </p>
      </Notice>
      {warnings.map((warning) => (
        <Notice key={warning} tone="warn">
          {warning}
        </Notice>
      ))}
      <div>
        <Button icon="ok" busy={check.isPending} onClick={() => check.mutate({ params: { id: credential.id } })}>
          Check account
        </Button>
      </div>
      <p className="text-xs text-ink-faint">
        Google is asked for its licence and project. The first time this may take a minute.
      </p>
      {check.isPending && <Skeleton lines={2} />}
      {check.data !== undefined && <CheckResult check={check.data} />}
      {check.error !== null && <ErrorState error={check.error} compact />}
    </div>
  );
}
