/**
 * Which credentials are chosen for a bulk action: single ones, ranges with shift, or all that the filter leaves.
 * @module
 */

/** What is chosen. `anchor` is the row number that a range begins at. */
export interface Selection {
  ids: ReadonlySet<string>;
  anchor: number | null;
}

/** Nothing is chosen. */
export const emptySelection: Selection = { ids: new Set(), anchor: null };

/** Most ids of one bulk request (the gateway's limit). */
export const mostSelected = 10_000;

/**
 * Chooses a row or lets it go.
 * @param selection as it is
 * @param step `index` and `id` of the row; `range`: with shift, from the anchor on; `idAt` gives ids of rows that are loaded
 * @returns the next selection; a range takes the state that the row itself gets
 */
export function toggle(
  selection: Selection,
  step: { index: number; id: string; range: boolean; idAt: (index: number) => string | null },
): Selection {
  const ids = new Set(selection.ids);
  const choose = !ids.has(step.id);
  const apply = (id: string): void => {
    if (!choose) ids.delete(id);
    else if (ids.size < mostSelected) ids.add(id);
  };
  if (step.range && selection.anchor !== null) {
    const from = Math.min(selection.anchor, step.index);
    const to = Math.max(selection.anchor, step.index);
    for (let index = from; index <= to; index++) {
      const id = index === step.index ? step.id : step.idAt(index);
      if (id !== null) apply(id);
    }
  } else apply(step.id);
  return { ids, anchor: step.index };
}

/** @returns a selection of these, the first 10,000 at most */
export function selectAll(ids: readonly string[]): Selection {
  return { ids: new Set(ids.slice(0, mostSelected)), anchor: null };
}

/**
 * Cuts ids into requests.
 * @param ids all of them
 * @param size most of one request
 */
export function chunks(ids: readonly string[], size: number): string[][] {
  const parts: string[][] = [];
  for (let from = 0; from < ids.length; from += size) parts.push(ids.slice(from, from + size));
  return parts;
}
