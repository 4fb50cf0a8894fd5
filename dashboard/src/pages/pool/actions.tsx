/**
 * What can be done with one credential: reset, check, switch. Used beside a cell and beside a credential.
 * @module
 */
import { type ReactNode, useState } from "react";
import { useChange, useIsAdmin } from "../../api/queries.ts";
import { Badge } from "../../ui/badge.tsx";
import { Button } from "../../ui/button.tsx";
import { ConfirmDialog } from "../../ui/dialog.tsx";
import { Notice } from "../../ui/states.tsx";
import { useToast } from "../../ui/toast.tsx";
import { Duration } from "../../ui/values.tsx";
import type { Check } from "./types.ts";

/** Reads that a change of a credential makes old. */
export const poolReads = ["getMatrix", "getCell", "getCredential", "listCredentials", "getAttention"] as const;

/** Buttons, and what a check found. Viewers are told why there are none. */
export function CredentialActions({ id, name, enabled }: { id: string; name: string; enabled: boolean }): ReactNode {
  const isAdmin = useIsAdmin();
  const toast = useToast();
  const reset = useChange("resetCredential", { refreshes: poolReads });
  const check = useChange("checkCredential", { refreshes: poolReads });
  const change = useChange("changeCredential", { refreshes: poolReads });
  const [switching, setSwitching] = useState(false);
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
          title="Ask Google for the list of models: costs no tokens"
        >
          Check key
        </Button>
        <Button
          icon="off"
          busy={change.isPending}
          onClick={() => (enabled ? setSwitching(true) : void doSwitch().catch(toast.failed))}
        >
          {enabled ? "Disable" : "Enable"}
        </Button>
      </div>
      {check.data !== undefined && <CheckResult check={check.data} />}
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

// --- helpers ---

function CheckResult({ check }: { check: Check }): ReactNode {
  return (
    <Notice tone={check.result === "ok" ? "ok" : check.result === "unreachable" ? "info" : "warn"}>
      <p className="font-medium">
        {checkWords[check.result]} {check.status !== null && <span className="text-ink-soft">HTTP {check.status}</span>}{" "}
        <span className="text-ink-faint">
          <Duration ms={check.tookMs} />
        </span>
      </p>
      {check.words !== null && <p className="mt-1 text-ink-soft">“{check.words}”</p>}
    </Notice>
  );
}

const checkWords: Readonly<Record<Check["result"], string>> = {
  ok: "The key is good.",
  invalid: "Google says that the key is not valid.",
  blocked: "The project is suspended or the key is blocked.",
  location: "Google does not serve the place that this gateway calls from. The key itself may be good.",
  restricted: "The key may not use this API, or the API is off in its project.",
  limited: "The key is good; its project is at a limit now.",
  unreachable: "Google was not reached: nothing is known of the key.",
};
