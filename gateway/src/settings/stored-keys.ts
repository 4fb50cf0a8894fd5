/**
 * How a stored row and a key of the environment become one credential. Pure: hosts, the command line and the admin API
 * use the same rules.
 * @module
 */

/** What of a stored row counts here. */
export interface StoredKeyRow {
  name: string;
  projectId: string | null;
  weight: number;
  tier: number;
  enabled: boolean;
  baseUrl?: string | null;
  quotaTier?: string | null;
}

/** What a credential is, apart from its secrets and names. */
export interface KeyFacts {
  projectId: string | null;
  weight: number;
  tier: number;
  enabled: boolean;
  baseUrl: string | null;
  quotaTier: string | null;
}

/**
 * Ends the name of a row that holds what was changed by hand about a key of the environment. Such a row is no key of its
 * own: it has no effect when the key has left the environment.
 */
export const environmentMark = " (environment)";

/** Whether a stored row only belongs to a key of the environment. */
export function isEnvironmentRow(row: Pick<StoredKeyRow, "name">): boolean {
  return row.name.endsWith(environmentMark);
}

/**
 * The same key in the environment and in the store: what was set by hand for the stored one holds. Weight and tier of a
 * row that only holds changes count when they are not the defaults.
 * @param key of the environment; null: only the store has it
 * @param row of the store; null: there is none
 */
export function mergeKeyFacts(key: Partial<Omit<KeyFacts, "enabled">> | null, row: StoredKeyRow | null): KeyFacts {
  const isWhole = row !== null && (key === null || !isEnvironmentRow(row));
  return {
    projectId: projectOf(row?.projectId ?? null, key?.projectId ?? null),
    weight: isWhole || (row !== null && row.weight !== 1) ? row.weight : (key?.weight ?? 1),
    tier: isWhole || (row !== null && row.tier !== 0) ? row.tier : (key?.tier ?? 0),
    enabled: row?.enabled ?? true,
    baseUrl: row?.baseUrl ?? key?.baseUrl ?? null,
    quotaTier: row?.quotaTier ?? key?.quotaTier ?? null,
  };
}

/** Whether a project is one that Google's errors named; any other was chosen by hand. */
export function isLearnedProject(projectId: string): boolean {
  return /^projects\/\d+$/.test(projectId);
}

/** What a sealed proxy is sealed for: the vault binds each envelope to its place. */
export function proxyContext(credentialId: string): string {
  return `${credentialId} proxy`;
}

// --- helpers ---

/** The store also holds what Google's errors named, which any choice by hand outranks. */
function projectOf(stored: string | null, given: string | null): string | null {
  return stored !== null && (given === null || !isLearnedProject(stored)) ? stored : given;
}
