/**
 * `gemini-proxy accounts check`
 * @module
 */
import type { AccountQuotaRow } from "../../accounts/quota.ts";
import type { Prepared } from "../../core/accounts.ts";
import { createAccountShelf } from "../../hosts/accounts/account-shelf.ts";
import { createAccounts, type Accounts } from "../../hosts/accounts/create-accounts.ts";
import { nodeClock, nodeDigest, nodeRandom } from "../../hosts/node/ports.ts";
import { defineCliCommand } from "../command.ts";
import type { CliCommand } from "../command.ts";
import { toSpan } from "../moments.ts";
import { toPlainLine } from "../output.ts";
import type { Output } from "../output.ts";
import { withWorkspace } from "../workspace.ts";
import { askForAccount } from "./account-ask.ts";
import { accountSettings, findAccount, loadAccountViews, type AccountView } from "./account-views.ts";
import { forgetTrouble } from "./store-account.ts";

/** Asks Google about accounts. */
export const command: CliCommand = defineCliCommand({
  name: "accounts check",
  description: "Refresh accounts, and ask Google for their licence, project and quota (costs no tokens)",
  args: {
    id: {
      type: "positional",
      required: false,
      valueHint: "id|name|email",
      description: "Accounts to check; without any, all that are not switched off",
    },
  },
  variadic: true,
  needs: accountSettings,
  notes: [
    "Results: ok, login-needed, client (the OAuth client of the settings), not-eligible (no licence, or the owner must act),",
    "         unreachable (inconclusive), unreadable (sealed with another master key)",
    "An account that is in order is put back into use. Exit code 1 unless all are.",
    "",
    "JSON: [{id, name, email, result, rule, words, licence, cloudProject, tokenExpiresAt,",
    "        quota: [{model, unit, remaining, fraction, resetAt}], quotaWords}]",
  ],
  async run({ positionals, output, configuration, now }) {
    const rows = await withWorkspace(configuration, { write: true }, async (workspace) => {
      const { settings } = configuration;
      const views = await loadAccountViews(workspace, configuration, now);
      const chosen =
        positionals.length > 0
          ? [...new Set(positionals.map((word) => findAccount(views, word)))]
          : views.filter(({ state }) => state !== "off");
      if (chosen.length === 0) return [];
      const { store } = workspace;
      const vault = await workspace.vault();
      const accounts = createAccounts({
        shelf: createAccountShelf({ store, vault, settings, digest: nodeDigest, random: nodeRandom }),
        ask: askForAccount,
        settings,
        clock: nodeClock,
        random: nodeRandom,
        logger: { log: () => undefined },
      });
      const checks: Row[] = [];
      // One after the other: an onboarding may take a minute, and nobody has many.
      for (const view of chosen) {
        const row = await checkOne(view, accounts);
        checks.push(row);
        if (row.result === "ok" && (await forgetTrouble(row.id, workspace))) await store.revision.raise();
      }
      await accounts.close();
      return checks;
    });
    const exitCode = rows.every(({ result }) => result === "ok") ? 0 : 1;
    if (output.json(rows)) return exitCode;
    if (rows.length === 0) output.note("There are no accounts to check. Add one with 'gemini-proxy accounts login'.");
    else showRows(rows, output, now);
    return exitCode;
  },
});

// --- helpers ---

interface Row {
  id: string;
  name: string;
  email: string | null;
  result: "ok" | "login-needed" | "client" | "not-eligible" | "unreachable" | "unreadable";
  rule: string | null;
  words: string | null;
  licence: string | null;
  cloudProject: string | null;
  tokenExpiresAt: number | null;
  quota: readonly AccountQuotaRow[];
  /** Why there are no quotas; null: there are. */
  quotaWords: string | null;
}

async function checkOne(view: AccountView, accounts: Accounts): Promise<Row> {
  const { credential, facts } = view;
  const { id, name } = credential;
  const row: Row = {
    id,
    name,
    email: facts.email,
    result: "ok",
    rule: null,
    words: null,
    licence: facts.tier,
    cloudProject: facts.cloudProject,
    tokenExpiresAt: null,
    quota: [],
    quotaWords: null,
  };
  if (view.state === "unreadable")
    return { ...row, result: "unreadable", words: "ENCRYPTION_KEY is not the one that sealed it" };
  const prepared = await accounts.check(credential);
  const known = accounts.keeper.view(id);
  Object.assign(row, {
    email: known?.email ?? row.email,
    licence: known?.tier ?? row.licence,
    cloudProject: known?.cloudProject ?? row.cloudProject,
  });
  if (!prepared.ok) return { ...row, result: resultOf(prepared), rule: prepared.rule, words: prepared.words };
  const quota = await accounts.quota(credential);
  return {
    ...row,
    tokenExpiresAt: prepared.lease.tokenExpiresAt ?? null,
    quota: quota.ok ? quota.value : [],
    quotaWords: quota.ok ? null : quota.failure.words,
  };
}

function resultOf({ rule, effects }: Prepared & { ok: false }): Row["result"] {
  const [effect] = effects;
  if (effect?.kind !== "disable") return "unreachable";
  if (effect.reason === "not-eligible") return "not-eligible";
  return rule.startsWith("account.client-") ? "client" : "login-needed";
}

function showRows(rows: readonly Row[], output: Output, now: number): void {
  output.table(rows, [
    { title: "ID", of: (row) => row.id },
    { title: "NAME", of: (row) => row.name, limit: 32 },
    { title: "RESULT", of: (row) => row.result, style: (row) => (row.result === "ok" ? "green" : "red") },
    { title: "LICENCE", of: (row) => row.licence, limit: 24 },
    { title: "PROJECT", of: (row) => row.cloudProject, limit: 30 },
  ]);
  for (const row of rows) {
    // Whole: it holds the address that the owner must open.
    if (row.words !== null) output.line(`\n${row.name}: ${toPlainLine(row.words)}`);
    if (row.quotaWords !== null) output.line(`\n${row.name}: quota unknown. ${toPlainLine(row.quotaWords)}`);
    if (row.quota.length === 0) continue;
    output.line(`\nQuota of ${row.name}`);
    output.table(row.quota, [
      { title: "MODEL", of: ({ model }) => model, limit: 40 },
      { title: "UNIT", of: ({ unit }) => unit, limit: 20 },
      { title: "LEFT", of: ({ remaining }) => remaining, align: "right" },
      {
        title: "SHARE",
        of: ({ fraction }) => (fraction === null ? null : `${Math.round(fraction * 100)} %`),
        align: "right",
      },
      { title: "RESET", of: ({ resetAt }) => (resetAt === null ? null : `in ${toSpan(Math.max(0, resetAt - now))}`) },
    ]);
  }
}
