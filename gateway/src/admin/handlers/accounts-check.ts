/**
 * Asks Google whether an account is in order: a refresh of its token, its licence and project.
 * @module
 */
import type * as z from "zod";
import type { Prepared } from "../../core/accounts.ts";
import type { checkSchema } from "../schemas/credentials.ts";
import type { AdminServices } from "../services.ts";
import { readAccount } from "../views/account-view.ts";
import { forgetRows, type CredentialRow } from "../views/credential-rows.ts";
import { outsideLink } from "../views/outside-link.ts";
import { forgetQuota } from "./accounts-quota.ts";
import { accountsOf, putBack } from "./accounts-store.ts";

/** What a check found. */
export type Check = z.output<typeof checkSchema>;

/**
 * Checks one. One that is in order is used again; one that is not stays as it is, until a call is tried.
 * @param row of an account
 * @throws AdminError `not_found`: the pool has not taken it, since it cannot be opened
 */
export async function checkAccount(row: CredentialRow, services: AdminServices): Promise<Check> {
  const { id } = row.view;
  const startedAt = services.clock.monotonic();
  const prepared = await accountsOf(services).check(id);
  forgetRows(services);
  forgetQuota(id, services);
  const words = prepared.ok ? null : prepared.words;
  return {
    id,
    result: resultOf(prepared),
    status: null,
    words,
    outside: outsideLink(words),
    tookMs: Math.round(services.clock.monotonic() - startedAt),
    putBack: prepared.ok && (await putBack(id, services)),
    account: await readAccount(row, services),
  };
}

// --- helpers ---

function resultOf(prepared: Prepared): Check["result"] {
  if (prepared.ok) return "ok";
  const [effect] = prepared.effects;
  if (effect?.kind !== "disable") return "unreachable";
  if (effect.reason === "not-eligible") return "not-eligible";
  return prepared.rule.startsWith("account.client-") ? "client" : "login-needed";
}
