/**
 * What of the pool is looked at, in the address.
 * @module
 */
import { customField, type Field, flagField, type SearchValues, textField, wordField } from "../../lib/search.ts";
import type { CredentialKind, CredentialState, MatrixQuery } from "./types.ts";

/** States that the list can be narrowed to. */
const poolStates = ["active", "cooling", "disabled", "off"] as const satisfies readonly CredentialState[];

/** Kinds that it can be narrowed to. */
const poolKinds = ["api-key", "code-assist"] as const satisfies readonly CredentialKind[];

/** Tiers may be negative. */
const tierField: Field<number> = customField(
  (text) => (/^-?\d{1,3}$/.test(text) ? Number(text) : null),
  (value) => String(value),
);

/** Fields of the address. `credential` and `model` say what is opened beside the list, `import` that keys are being added. */
export const poolShape = {
  search: textField(200),
  kind: wordField(poolKinds),
  state: wordField(poolStates),
  tier: tierField,
  projectId: textField(200),
  credential: textField(200),
  model: textField(200),
  import: flagField,
};

export type PoolSearch = SearchValues<typeof poolShape>;
/** The part that narrows the list. */
export type PoolFilter = Pick<PoolSearch, "search" | "kind" | "state" | "tier" | "projectId">;

/** @returns the filter alone, without what is opened */
export function filterOf(search: PoolSearch): PoolFilter {
  const { search: words, kind, state, tier, projectId } = search;
  return { search: words, kind, state, tier, projectId };
}

/** @returns how many filters are set */
export function filterCount(filter: PoolFilter): number {
  const { search, kind, state, tier, projectId } = filter;
  return [search, kind, state, tier, projectId].filter((value) => value !== undefined).length;
}

/** @returns the query of one page of rows */
export function pageQuery(filter: PoolFilter, page: { offset: number; limit: number }): MatrixQuery {
  return { ...filter, ...page };
}
