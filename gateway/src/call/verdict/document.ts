/**
 * docs/verdicts.md, made from the rules, so that the page cannot say something else than the code does.
 * @module
 */
import { statusRules, type StatusRule } from "./rules-table.ts";

/** The page as Markdown. */
export function toVerdictsPage(): string {
  const rows = statusRules.map(
    (rule) =>
      `| \`${rule.id}\` | ${rule.when} | ${rule.fault} | ${retryOf(rule)} | ${effectOf(rule)} | ${rule.relayable === false ? "no" : "yes"} |`,
  );
  return [
    "# Verdicts",
    "",
    "Made by `npm run docs` from `gateway/src/call/verdict/rules-table.ts`. The first rule that matches holds; each attempt's",
    "row in the ledger names its rule. Sources: Google's error bodies and documentation as gathered in the fact sheet",
    "(upstream 4.2, 4.4).",
    "",
    "## Answers with an error status",
    "",
    "| rule | when | at fault | tried again | what the pool does | shown to the client |",
    "|---|---|---|---|---|---|",
    ...rows,
    "",
    "## Quotas (429)",
    "",
    "| rule | when | rests | how long |",
    "|---|---|---|---|",
    '| `quota.minute` | `PerMinute` in the quota\'s id, or a time to wait is told | project and model | the largest of RetryInfo, "Please retry in" and `retry-after`, 1 s to 10 min; 60 s when none is told |',
    "| `quota.day` | `PerDay` or `Daily` in the quota's id | project and model | until midnight America/Los_Angeles |",
    "| `quota.day-turn` | the same within two minutes after that midnight: Google's count may still be yesterday's | project and model | 1 min |",
    "| `quota.none` | `limit: 0`, quota value 0 | project and model | 24 h, then looked at again |",
    "| `quota.money` | prepaid credits or spending cap used up | project | 1 h, then looked at again |",
    "| `quota.burst` | no details at all | credential and model | 10, 20, 40, 60 s while they follow each other |",
    "| `quota.account` | `QUOTA_EXHAUSTED` of an account | credential and model | until the reset that is told, 8 days at most |",
    "| `quota.batch` | a quota of batches only | nothing | |",
    "",
    "Of several violations the longest decides. When nothing is left, the client gets one 429 of the gateway",
    "(`credentials_exhausted`) with all causes counted and the soonest return.",
    "",
    "## No answer, or half of one",
    "",
    "| rule | when | tried again |",
    "|---|---|---|",
    "| `network.connect`, `timeout.connect` | no connection: nothing was sent | after a back-off, whatever it was |",
    "| `network.broken`, `stream.cut` | the connection broke, or the answer ended without content | once, if it creates nothing |",
    "| `timeout.first-byte`, `timeout.idle` | silence | never: it may have been paid for |",
    "| `empty` | a 200 with nothing in it | `EMPTY_RETRIES` times, no penalty |",
    "| `stream.broken`, `stream.stalled`, `stream.…` | after the first content byte | never; the stream ends in an error event |",
    "",
  ].join("\n");
}

// --- helpers ---

function retryOf(rule: StatusRule): string {
  if (rule.retry === "no") return "no";
  if (rule.retry === "other")
    return rule.maxRetries === undefined ? "at once, another credential" : `at once, ${rule.maxRetries} time`;
  return `after ${(rule.backoffMs ?? 0) / 1000} s and longer, ${rule.maxRetries ?? 1} time${(rule.maxRetries ?? 1) > 1 ? "s" : ""}`;
}

function effectOf(rule: StatusRule): string {
  const { effect } = rule;
  switch (effect?.kind) {
    case undefined:
      return "nothing";
    case "disable":
      return `disables the ${effect.scope} (${effect.reason}); probe after ${span(effect.probeAfterMs)}`;
    case "location":
      return `rests the credential ${span(effect.forMs)}`;
    case "capacity":
      return `rests the account for this model ${span(effect.forMs)}`;
    case "overload":
      return `rests the model ${span(effect.forMs)}, as a hint`;
    case "quota":
      return "see below";
  }
}

function span(ms: number): string {
  if (ms < 60_000) return `${ms / 1000} s`;
  return ms < 3_600_000 ? `${ms / 60_000} min` : `${ms / 3_600_000} h`;
}
