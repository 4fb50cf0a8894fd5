/**
 * The error of a change of settings that cannot be made.
 * @module
 */

const marker = Symbol.for("gemini-proxy.settings-refused");

/** Names each value that cannot be used. Messages are whole sentences and show no value that could be a secret. */
export class SettingsRefused extends Error {
  readonly problems: readonly { name: string; message: string }[];

  /** @param problems at least one */
  constructor(problems: readonly { name: string; message: string }[]) {
    super(problems.map(({ message }) => message).join(" "));
    this.name = "SettingsRefused";
    this.problems = problems;
    Object.defineProperty(this, marker, { value: true });
  }
}

/**
 * Tells one, also of another copy of this module.
 * @param value anything
 */
export function isSettingsRefused(value: unknown): value is SettingsRefused {
  return typeof value === "object" && value !== null && (value as Record<symbol, unknown>)[marker] === true;
}
