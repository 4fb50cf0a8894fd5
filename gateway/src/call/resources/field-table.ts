/**
 * Which keys of a JSON text are wanted by `scanFields`, and what their values mean.
 * @module
 */

/** What a key's value means to the reader: above 0: wanted; 0: nothing; `opaque`: not looked into at all. */
export type FieldRule = number;
/** Rule of keys whose value is somebody else's data, such as the arguments of a function call. */
export const opaque: FieldRule = -1;
/** The same, but for the members of the outermost object: `parameters` of functions, but not those of a prediction. */
export const opaqueBelow: FieldRule = -2;

/** Which keys are wanted. */
export interface FieldTable {
  readonly rules: ReadonlyMap<string, FieldRule>;
  /** By length: most keys are told apart by it. */
  readonly byLength: readonly (readonly FieldEntry[] | undefined)[];
}

interface FieldEntry {
  key: string;
  rule: FieldRule;
}

/** @param rules rule by key */
export function defineFields(rules: Readonly<Record<string, FieldRule>>): FieldTable {
  const byLength: FieldEntry[][] = [];
  for (const [key, rule] of Object.entries(rules)) (byLength[key.length] ??= []).push({ key, rule });
  return { rules: new Map(Object.entries(rules)), byLength };
}
