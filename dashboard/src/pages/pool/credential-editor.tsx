/**
 * The form that changes a credential.
 * @module
 */
import { type ReactNode, useState } from "react";
import { asApiError } from "../../api/error.ts";
import { useChange } from "../../api/queries.ts";
import { Button } from "../../ui/button.tsx";
import { Checkbox, TextField } from "../../ui/field.tsx";
import { ErrorState } from "../../ui/states.tsx";
import { useToast } from "../../ui/toast.tsx";
import { poolReads } from "./reads.ts";
import { type CredentialForm, toCredentialChange, toCredentialForm } from "./credential-form.ts";
import type { Credential } from "./types.ts";

/** Fields of a credential with a button that saves what differs. */
export function CredentialEditor({ credential }: { credential: Credential }): ReactNode {
  const toast = useToast();
  const change = useChange("changeCredential", { refreshes: poolReads });
  const [form, setForm] = useState(() => toCredentialForm(credential));
  const [fault, setFault] = useState<{ field: string; reason: string } | null>(null);
  const set = (fields: Partial<CredentialForm>): void => {
    setForm((before) => ({ ...before, ...fields }));
    setFault(null);
  };
  const errorOf = (field: keyof CredentialForm): string | null => (fault?.field === field ? fault.reason : null);
  const submit = (): void => {
    // Switching is done with its own button, at once.
    const read = toCredentialChange(credential, { ...form, enabled: credential.enabled });
    if (!read.ok) {
      setFault(read);
      return;
    }
    if (Object.keys(read.change).length === 0) {
      toast.done("Nothing was changed.");
      return;
    }
    change.mutate(
      { params: { id: credential.id }, body: read.change },
      {
        onSuccess: (saved) => {
          setForm(toCredentialForm(saved));
          toast.done(`${saved.name} was saved.`);
        },
      },
    );
  };
  const fromStore = credential.source === "stored";
  return (
    <form
      className="flex flex-col gap-3 border-t border-line pt-4"
      onSubmit={(event) => {
        event.preventDefault();
        submit();
      }}
    >
      <h3 className="text-sm font-semibold">Change</h3>
      {!fromStore && (
        <p className="text-xs text-ink-soft">
          It comes from the environment. What the gateway refuses to change here has to be changed there.
        </p>
      )}
      <div className="grid gap-3 sm:grid-cols-2">
        <TextField
          label="Name"
          value={form.name}
          error={errorOf("name")}
          maxLength={100}
          onChange={(name) => set({ name })}
        />
        <TextField
          label={credential.account === null ? "Google project" : "Quota group"}
          value={form.projectId}
          error={errorOf("projectId")}
          hint={
            credential.account === null
              ? "Keys of one project share its quota. Empty: its own."
              : "Credentials of one group share a quota. Empty: its own."
          }
          onChange={(projectId) => set({ projectId })}
        />
        <TextField
          label="Tier"
          value={form.tier}
          inputMode="numeric"
          error={errorOf("tier")}
          hint="Lower ones are used first."
          onChange={(tier) => set({ tier })}
        />
        <TextField
          label="Weight"
          value={form.weight}
          inputMode="decimal"
          error={errorOf("weight")}
          hint="For the weighted strategy."
          onChange={(weight) => set({ weight })}
        />
        <TextField
          label="Quota tier"
          value={form.quotaTier}
          error={errorOf("quotaTier")}
          hint="Which limits of QUOTA_LIMITS hold: free, paid1 …"
          onChange={(quotaTier) => set({ quotaTier })}
        />
        {credential.account === null ? (
          <TextField
            label="Base URL"
            value={form.baseUrl}
            error={errorOf("baseUrl")}
            hint="Another upstream for this key. Empty: the gateway's."
            onChange={(baseUrl) => set({ baseUrl })}
          />
        ) : (
          fromStore && (
            <TextField
              label="Google Cloud project"
              value={form.cloudProject}
              error={errorOf("cloudProject")}
              hint="The licence's project, by id. Empty: GEMINI_PROJECT_ID, or what Google names."
              onChange={(cloudProject) => set({ cloudProject })}
            />
          )
        )}
        <TextField
          label="Outbound proxy"
          type="password"
          autoComplete="new-password"
          value={form.proxy}
          disabled={form.removeProxy}
          error={errorOf("proxy")}
          placeholder={credential.proxy === null ? "http://user:password@host:3128" : "unchanged"}
          hint={
            credential.proxy === null ? "Write-only: it may hold a password." : `Now ${credential.proxy}. Write-only.`
          }
          onChange={(proxy) => set({ proxy })}
        />
        {credential.proxy !== null && (
          <Checkbox
            className="sm:pt-7"
            label="Take the proxy away"
            checked={form.removeProxy}
            onChange={(removeProxy) => set({ removeProxy })}
          />
        )}
      </div>
      {change.error !== null && <ErrorState error={asApiError(change.error)} compact />}
      <div className="flex justify-end">
        <Button kind="primary" type="submit" busy={change.isPending}>
          Save changes
        </Button>
      </div>
    </form>
  );
}
