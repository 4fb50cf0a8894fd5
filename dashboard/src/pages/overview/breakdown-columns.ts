/**
 * By what usage is broken down, and where each row leads.
 * @module
 */
import type { Dimension } from "../../api/types.ts";
import { type CallsSearch, callsLink } from "../../lib/calls-search.ts";
import type { Range } from "../../lib/range.ts";

/** Dimensions in the order of their tabs. */
export const dimensions = ["model", "client", "credential", "status", "dialect", "rule"] as const satisfies Dimension[];
/** What the largest rows are chosen by; the server does it, over all rows. */
export const orders = ["calls", "cost", "tokens", "errors"] as const;
export type Order = (typeof orders)[number];

/** Names for people. */
export const dimensionNames: Readonly<Record<Dimension, string>> = {
  model: "Model",
  client: "Client",
  credential: "Credential",
  status: "Status",
  dialect: "Dialect",
  rule: "Rule",
};

/** The calls of a row; null: it has no filter of its own (calls without a model, a client …). */
export function rowLink(by: Dimension, key: string, range: Range): string | null {
  if (key === "") return null;
  const filters: Readonly<Record<Dimension, CallsSearch>> = {
    model: { model: key },
    client: { clientId: key },
    credential: { credentialId: key },
    status: { status: key },
    dialect: { dialect: key },
    rule: { rule: key },
  };
  return callsLink({ range, ...filters[by] });
}
