/**
 * What Google says is left of an account's quota (fact sheet upstream 7.2, `retrieveUserQuota`).
 * @module
 */
import type { AccountKeeper } from "../core/accounts.ts";
import { plainSecret } from "../backends/credential-text.ts";
import type { Lease } from "../core/credential.ts";
import type { AccountAnswer, AccountQuestion } from "./ask.ts";
import { failureOfError, methodQuestion, objectOf, parse, readError } from "./code-assist.ts";
import { failed, type AccountResult } from "./failures.ts";
import { askTimeoutMs, causeOf, type AccountTools } from "./refresh.ts";
import { textOf } from "./tokens.ts";

/** What is left for one model. */
export interface AccountQuotaRow {
  /** Null: for all of them. */
  model: string | null;
  /** `REQUESTS` …; null: not told. */
  unit: string | null;
  /** Null: Google tells the share only. */
  remaining: number | null;
  /** 0 to 1; null: not told. */
  fraction: number | null;
  /** Epoch milliseconds; null: not told. */
  resetAt: number | null;
}

/** Rows of one answer are at most this many. */
const mostRows = 200;

/** What asking needs. `keeper`: makes the account ready; `tools`: asks. */
interface QuotaParts {
  keeper: Pick<AccountKeeper, "prepare" | "refused">;
  tools: Pick<AccountTools, "ask" | "settings" | "agent" | "clock" | "proxy">;
}

/**
 * Asks what is left of an account's quota. Makes the account ready first. Never rejects, and changes nothing of the pool.
 * @param lease the credential's, as from the pool; it is not given back here
 */
export async function readAccountQuota(parts: QuotaParts, lease: Lease): Promise<AccountResult<AccountQuotaRow[]>> {
  const { keeper, tools } = parts;
  for (let attempt = 0; ; attempt++) {
    const prepared = await keeper.prepare(lease, tools.clock.now());
    if (!prepared.ok) return failed("passing", prepared.rule, prepared.words);
    const asked = await askQuota(tools, lease, prepared.lease);
    if (asked !== "refused") return asked;
    // Once more with a new token, as a call does.
    keeper.refused(prepared.lease, tools.clock.now());
    if (attempt > 0) return failed("passing", "account.tokens-refused", "Code Assist refuses the account's tokens.");
  }
}

// --- helpers ---

async function askQuota(
  tools: QuotaParts["tools"],
  lease: Lease,
  prepared: Lease,
): Promise<AccountResult<AccountQuotaRow[]> | "refused"> {
  const { secret, cloudProject } = prepared;
  const question = quotaQuestion({
    base: tools.settings.codeAssistBaseUrl,
    accessToken: plainSecret(secret),
    agent: tools.agent,
    cloudProject: cloudProject ?? "",
  });
  try {
    const proxy = lease.proxy ?? tools.proxy();
    const answer = await tools.ask({ ...question, proxy, timeoutMs: askTimeoutMs });
    return answer.status === 401 ? "refused" : readQuota(answer, cloudProject ?? null);
  } catch (error) {
    return failed("passing", "account.code-assist-unreachable", `Code Assist cannot be reached: ${causeOf(error)}`);
  }
}

/** Asks for it. */
function quotaQuestion(options: {
  base: string;
  accessToken: string;
  agent: string;
  cloudProject: string;
}): AccountQuestion {
  const { cloudProject, agent } = options;
  return methodQuestion({ ...options, method: "retrieveUserQuota", body: { project: cloudProject, userAgent: agent } });
}

/** Reads the answer. */
function readQuota(answer: AccountAnswer, cloudProject: string | null): AccountResult<AccountQuotaRow[]> {
  if (answer.status !== 200) return { ok: false, failure: failureOfError(readError(answer), cloudProject) };
  const { buckets } = objectOf(parse(answer.body));
  if (buckets !== undefined && !Array.isArray(buckets))
    return failed("passing", "account.quota-unreadable", "Code Assist answered with quotas that are not a list.");
  const rows = ((buckets ?? []) as unknown[]).slice(0, mostRows).map((bucket) => toRow(objectOf(bucket)));
  return { ok: true, value: rows.toSorted((left, right) => (left.model ?? "").localeCompare(right.model ?? "")) };
}

function toRow(bucket: Record<string, unknown>): AccountQuotaRow {
  const resetAt = Date.parse(textOf(bucket["resetTime"]) ?? "");
  const fraction = toNumber(bucket["remainingFraction"]);
  return {
    model: textOf(bucket["modelId"])?.slice(0, 200) ?? null,
    unit: textOf(bucket["tokenType"])?.slice(0, 100) ?? null,
    remaining: toNumber(bucket["remainingAmount"]),
    fraction: fraction === null ? null : Math.min(1, Math.max(0, fraction)),
    resetAt: Number.isNaN(resetAt) ? null : resetAt,
  };
}

/** Numbers of 64 bits come as text. */
function toNumber(value: unknown): number | null {
  const number = typeof value === "string" && value !== "" ? Number(value) : value;
  return typeof number === "number" && Number.isFinite(number) ? number : null;
}
