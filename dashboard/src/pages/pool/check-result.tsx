/**
 * What a check of a credential found.
 * @module
 */
import type { ReactNode } from "react";
import { OutsideLink } from "../../ui/outside-link.tsx";
import { Notice } from "../../ui/states.tsx";
import { Duration } from "../../ui/values.tsx";
import type { Check } from "./types.ts";

/** The result in words, with Google's own. */
export function CheckResult({ check }: { check: Check }): ReactNode {
  const { account } = check;
  return (
    <Notice tone={check.result === "ok" ? "ok" : check.result === "unreachable" ? "info" : "warn"}>
      <p className="font-medium">
        {checkWords(check)} {check.status !== null && <span className="text-ink-soft">HTTP {check.status}</span>}{" "}
        <span className="text-ink-faint">
          <Duration ms={check.tookMs} />
        </span>
      </p>
      {check.result === "ok" && account !== null && (
        <p className="mt-1 text-ink-soft">
          Licence {account.tier ?? "not told"}, project {account.cloudProject ?? "not told"}.
          {check.putBack && " It is used again."}
        </p>
      )}
      {check.words !== null && <p className="mt-1 text-ink-soft">“{check.words}”</p>}
      {check.outside !== null && (
        <p className="mt-1">
          <OutsideLink address={check.outside} />
        </p>
      )}
    </Notice>
  );
}

// --- helpers ---

function checkWords({ result, account }: Check): string {
  return account === null ? keyWords[result] : (accountWords[result] ?? keyWords[result]);
}

const keyWords: Readonly<Record<Check["result"], string>> = {
  ok: "The key is good.",
  invalid: "Google says that the key is not valid.",
  blocked: "The project is suspended or the key is blocked.",
  location: "Google does not serve the place that this gateway calls from. The key itself may be good.",
  restricted: "The key may not use this API, or the API is off in its project.",
  limited: "The key is good; its project is at a limit now.",
  unreachable: "Google was not reached: nothing is known of the key.",
  "login-needed": "The account must log in again.",
  "not-eligible": "Google does not serve this account until its owner acts.",
  client: "The OAuth client of the settings is missing or refused.",
};

const accountWords: Readonly<Partial<Record<Check["result"], string>>> = {
  ok: "The account is in order.",
  unreachable: "Google gave no answer that tells: nothing new is known of the account.",
};
