/**
 * What can be done with one credential: reset, check, switch. Used beside a cell and beside a credential.
 * @module
 */
import { type ReactNode, useState } from "react";
import { useChange, useIsAdmin } from "../../api/queries.ts";
import { Badge } from "../../ui/badge.tsx";
import { Button } from "../../ui/button.tsx";
import { ConfirmDialog } from "../../ui/dialog.tsx";
import { useToast } from "../../ui/toast.tsx";
import { LoginAgainDialog } from "./account-dialogs.tsx";
import { CheckResult } from "./check-result.tsx";
import { poolReads } from "./reads.ts";
import type { CredentialKind } from "./types.ts";

/** Buttons, and what a check found. Viewers are told why there are none. */
export function CredentialActions({
  id,
  name,
  kind,
  enabled,
}: {
  id: string;
  name: string;
  kind: CredentialKind;
  enabled: boolean;
}): ReactNode {
  const isAccount = kind === "code-assist";
  const isAdmin = useIsAdmin();
  const toast = useToast();
  const reset = useChange("resetCredential", { refreshes: poolReads });
  const check = useChange("checkCredential", { refreshes: poolReads });
  const change = useChange("changeCredential", { refreshes: poolReads });
  const [switching, setSwitching] = useState(false);
  const [loggingIn, setLoggingIn] = useState(false);
  if (!isAdmin) return <Badge>Read only: viewers cannot change credentials</Badge>;
  const doReset = (): void =>
    reset.mutate(
      { params: { id } },
      { onSuccess: () => toast.done(`${name}: cooldowns and automatic disables ended.`), onError: toast.failed },
    );
  const doSwitch = async (): Promise<void> => {
    await change.mutateAsync({ params: { id }, body: { enabled: !enabled } });
    toast.done(`${name} is ${enabled ? "off" : "on"}.`);
  };
  return (
    <div className="flex flex-col gap-3">
      <div className="flex flex-wrap gap-2">
        <Button icon="retry" busy={reset.isPending} onClick={doReset} title="End its cooldowns and automatic disables">
          Reset
        </Button>
        <Button
          icon="ok"
          busy={check.isPending}
          onClick={() => check.mutate({ params: { id } }, { onError: toast.failed })}
          title={
            isAccount
              ? "Refresh it, and ask Google for its licence and project: costs no tokens"
              : "Ask Google for the list of models: costs no tokens"
          }
        >
          {isAccount ? "Check account" : "Check key"}
        </Button>
        {isAccount && (
          <Button icon="user" onClick={() => setLoggingIn(true)}>
            Log in again
          </Button>
        )}
        <Button
          icon="off"
          busy={change.isPending}
          onClick={() => (enabled ? setSwitching(true) : void doSwitch().catch(toast.failed))}
        >
          {enabled ? "Disable" : "Enable"}
        </Button>
      </div>
      {check.data !== undefined && <CheckResult check={check.data} />}
      {loggingIn && <LoginAgainDialog id={id} name={name} onClose={() => setLoggingIn(false)} />}
      <ConfirmDialog
        open={switching}
        onOpenChange={setSwitching}
        title={`Disable ${name}?`}
        body="No new calls go to it until it is enabled again. Calls under way end as they would."
        action="Disable"
        onConfirm={doSwitch}
      />
    </div>
  );
}
