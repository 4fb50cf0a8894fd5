/**
 * What needs a person now. Each rule looks at the facts of one moment and says what is wrong and where to look, or nothing.
 * @module
 */
import type * as z from "zod";
import { toNanoUsd } from "../../clients/limits/money.ts";
import type { attentionSchema } from "../schemas/operations.ts";
import { accountsInTrouble } from "./attention-accounts.ts";
import type { AttentionFacts } from "./attention-facts.ts";
import { isOwnersTrouble } from "./accounts-trouble.ts";

/** One thing. */
export type AttentionItem = z.output<typeof attentionSchema>["items"][number];

/**
 * Everything that needs a person, the most urgent first.
 * @param facts of one moment
 */
export function judgeFacts(facts: AttentionFacts): AttentionItem[] {
  return [...rules.flatMap((rule) => rule(facts) ?? []), ...accountsInTrouble(facts)].toSorted(
    (a, b) => severities.indexOf(a.severity) - severities.indexOf(b.severity),
  );
}

// --- helpers ---

type Rule = (facts: AttentionFacts) => AttentionItem | null;

const severities: readonly AttentionItem["severity"][] = ["critical", "warning", "info"];

/** In the order in which they stand within a severity. */
const rules: readonly Rule[] = [
  noCredentials,
  noneUsable,
  panic,
  ledgerLost,
  ledgerFailing,
  ledgerSpilled,
  errorRate,
  credentialsDisabled,
  credentialsCooling,
  quotasUsedUp,
  clientsOverBudget,
  openMode,
  insecureCookies,
  clientsExpired,
  callsWithoutPrice,
  noPassword,
  captureOn,
];

const hourMs = 3_600_000;
/** Fewer calls say nothing about a rate. */
const fewestCalls = 20;
const highErrorRate = 0.05;
const budgetShare = 0.9;

function noCredentials({ counts, credentials }: AttentionFacts): AttentionItem | null {
  if (counts.total + credentials.length > 0) return null;
  return item("critical", "credentials.none", {
    title: "There is no Gemini key",
    detail: "No call can be served until one is added.",
    link: "/ui/pool",
  });
}

function noneUsable({ counts }: AttentionFacts): AttentionItem | null {
  if (counts.total === 0 || counts.usable > 0) return null;
  const { total, disabled, off, cooling } = counts;
  return item("critical", "credentials.unusable", {
    title: "No credential can serve a call now",
    detail: `Of ${total}: ${disabled} disabled, ${off} switched off, ${cooling} resting.`,
    link: "/ui/pool",
  });
}

function panic({ counts }: AttentionFacts): AttentionItem | null {
  if (!counts.panic) return null;
  return item("critical", "pool.panic", {
    title: "Too many credentials fail at once",
    detail:
      "Verdicts wanted to disable most of the pool, which is hardly the credentials' fault; further ones only rest.",
    link: "/ui/pool?state=disabled",
  });
}

function ledgerLost({ ledger }: AttentionFacts): AttentionItem | null {
  if (ledger === null || ledger.lost === 0) return null;
  return item("critical", "ledger.lost", {
    title: "Calls are missing in the ledger",
    detail: `${count(ledger.lost, "call")} could be kept neither in the queue nor in the journal. Look at the disk.`,
    link: "/ui/settings?tab=health",
  });
}

function ledgerFailing({ ledger }: AttentionFacts): AttentionItem | null {
  if (ledger === null || ledger.lastError === null) return null;
  return item("critical", "ledger.failing", {
    title: "The ledger cannot be written",
    detail: `${count(ledger.queued, "call")} wait. ${ledger.lastError}`,
    link: "/ui/settings?tab=health",
  });
}

function ledgerSpilled({ ledger }: AttentionFacts): AttentionItem | null {
  if (ledger === null || ledger.spilled === 0) return null;
  return item("warning", "ledger.spilled", {
    title: "The ledger is behind",
    detail: `${count(ledger.spilled, "call")} are in the journal only, and are read back when the store keeps up.`,
    link: "/ui/settings?tab=health",
  });
}

function errorRate({ lastHour, lastHourByRule, now }: AttentionFacts): AttentionItem | null {
  const failed = lastHour.errors + lastHour.incomplete + lastHour.interrupted;
  if (lastHour.calls < fewestCalls || failed <= lastHour.calls * highErrorRate) return null;
  const [top] = [...lastHourByRule]
    .filter(([rule, sums]) => rule !== "" && rule !== "ok" && sums.errors + sums.incomplete > 0)
    .toSorted(([, a], [, b]) => b.errors + b.incomplete - (a.errors + a.incomplete));
  const share = `${Math.round((failed / lastHour.calls) * 100)} %`;
  const words = top === undefined ? "" : ` Most often: ${top[0]}.`;
  const rule = top === undefined ? "outcome=error" : `rule=${encodeURIComponent(top[0])}`;
  return item("warning", "calls.errors", {
    title: `${share} of the last hour's calls failed`,
    detail: `${failed} of ${lastHour.calls}.${words}`,
    link: `/ui/calls?${rule}&range=${now - hourMs}-${now}`,
  });
}

function credentialsDisabled({ credentials }: AttentionFacts): AttentionItem | null {
  const disabled = credentials.flatMap(({ state, disabled: reason }) =>
    // Accounts that wait for their owners have items of their own.
    state === "disabled" && reason !== null && !isOwnersTrouble(reason.reason) ? [reason] : [],
  );
  if (disabled.length === 0) return null;
  return item("warning", "credentials.disabled", {
    title: `${count(disabled.length, "credential")} disabled`,
    detail: countsOf(disabled.map(({ reason }) => reason)),
    link: "/ui/pool?state=disabled",
    sinceMs: Math.min(...disabled.map(({ sinceMs }) => sinceMs)),
  });
}

function credentialsCooling({ credentials }: AttentionFacts): AttentionItem | null {
  const resting = credentials.flatMap(({ state, cooldowns }) => {
    const whole = cooldowns.find(({ scope }) => scope === "credential" || scope === "project");
    return state === "cooling" && whole !== undefined ? [whole] : [];
  });
  if (resting.length === 0) return null;
  return item("info", "credentials.cooling", {
    title: `${count(resting.length, "credential")} resting for every model`,
    detail: countsOf(resting.map(({ cause }) => cause)),
    link: "/ui/pool?state=cooling",
    sinceMs: Math.min(...resting.map(({ sinceMs }) => sinceMs)),
  });
}

function quotasUsedUp({ quotas }: AttentionFacts): AttentionItem | null {
  const full = quotas.filter(({ window, value, roomAtMs }) => window === "day" && value > 0 && roomAtMs !== null);
  if (full.length === 0) return null;
  const projects = new Set(full.map(({ projectId }) => projectId));
  return item("warning", "quotas.exhausted", {
    title: `${count(projects.size, "project")} used up a day's quota`,
    detail: `For ${listOf([...new Set(full.map(({ model }) => model))])}. Days end at midnight in Los Angeles.`,
    link: "/ui/pool",
  });
}

function clientsOverBudget({ clients }: AttentionFacts): AttentionItem | null {
  const names = clients.flatMap(({ client, usage }) => {
    if (!client.enabled) return [];
    const isNear = usage.some(({ window, costNanoUsd }) => {
      const budget = client.limits?.budgets?.[window] ?? null;
      return budget !== null && costNanoUsd > toNanoUsd(budget) * budgetShare;
    });
    return isNear ? [client.name] : [];
  });
  if (names.length === 0) return null;
  return item("warning", "clients.budget", {
    title: `${count(names.length, "client key")} used more than 90 % of a budget`,
    detail: listOf(names),
    link: "/ui/clients",
  });
}

function clientsExpired({ clients, now }: AttentionFacts): AttentionItem | null {
  const expired = clients.filter(
    ({ client }) => client.enabled && client.expiresAt !== null && client.expiresAt <= now,
  );
  if (expired.length === 0) return null;
  return item("info", "clients.expired", {
    title: `${count(expired.length, "client key")} expired`,
    detail: listOf(expired.map(({ client }) => client.name)),
    link: "/ui/clients",
    sinceMs: Math.min(...expired.map(({ client }) => client.expiresAt ?? now)),
  });
}

function callsWithoutPrice({ unpriced }: AttentionFacts): AttentionItem | null {
  if (unpriced.length === 0) return null;
  return item("info", "prices.missing", {
    title: "Some calls of the last day have no price",
    detail: `There is no price for ${listOf(unpriced)}. Add one, then compute the past costs again.`,
    link: "/ui/settings?tab=prices",
  });
}

function openMode({ settings }: AttentionFacts): AttentionItem | null {
  if (!settings.openMode) return null;
  return item("warning", "settings.open-mode", {
    title: "Anyone may call",
    detail: "OPEN_MODE is on: calls need no client key.",
    link: "/ui/settings?search=OPEN_MODE",
  });
}

function insecureCookies({ settings }: AttentionFacts): AttentionItem | null {
  if (!settings.insecureCookies) return null;
  return item("warning", "settings.insecure-cookies", {
    title: "Log-ins travel readably",
    detail: "INSECURE_COOKIES is on: whoever reads the network can take over a log-in. Put https in front.",
    link: "/ui/settings?search=INSECURE_COOKIES",
  });
}

function captureOn({ settings }: AttentionFacts): AttentionItem | null {
  if (settings.capture === "off") return null;
  const what = settings.capture === "all" ? "all calls" : "failed calls";
  return item("info", "settings.capture", {
    title: "Bodies are kept",
    detail: `CAPTURE keeps requests and answers of ${what}, which may hold what people wrote.`,
    link: "/ui/settings?search=CAPTURE",
  });
}

function noPassword({ hasPassword }: AttentionFacts): AttentionItem | null {
  if (hasPassword) return null;
  return item("info", "operators.no-password", {
    title: "Nobody has a password",
    detail: "Only the admin token logs in. Set a password, so that the audit log can tell who did what.",
    link: "/ui/settings?tab=operators",
  });
}

function item(
  severity: AttentionItem["severity"],
  code: string,
  words: { title: string; detail: string; link: string; sinceMs?: number },
): AttentionItem {
  return { severity, code, outside: null, sinceMs: null, ...words };
}

function count(number: number, what: string): string {
  return `${number} ${what}${number === 1 ? "" : "s"}`;
}

/** `3 invalid-key, 1 leaked`. */
function countsOf(words: readonly string[]): string {
  const counts = new Map<string, number>();
  for (const word of words) counts.set(word, (counts.get(word) ?? 0) + 1);
  return [...counts]
    .toSorted(([, a], [, b]) => b - a)
    .map(([word, number]) => `${number} ${word}`)
    .join(", ");
}

const namesShown = 5;

function listOf(names: readonly string[]): string {
  const more = names.length - namesShown;
  return names.slice(0, namesShown).join(", ") + (more > 0 ? ` and ${more} more` : "");
}
