/**
 * How a command fails: with a cause, a place and a next step, and one of three exit codes.
 * @module
 */

/**
 * - 0: done;
 * - 1: it did not work, or what was checked is not in order;
 * - 2: the command line or a setting is wrong; nothing was done.
 */
export type ExitCode = 0 | 1 | 2;

/** Ends a command. Shown on standard error; never carries a secret. */
export class CliFailure extends Error {
  readonly exitCode: ExitCode;
  /** Where: a file, an option, a variable. */
  readonly place: string | null;
  /** What to do about it. */
  readonly next: string | null;

  constructor(message: string, more: { place?: string; next?: string; exitCode?: ExitCode } = {}) {
    super(message);
    this.name = "CliFailure";
    this.place = more.place ?? null;
    this.next = more.next ?? null;
    this.exitCode = more.exitCode ?? 1;
  }
}

/**
 * A wrong command line.
 * @param message what is wrong
 * @param next what to write instead
 */
export function usageFailure(message: string, next?: string): CliFailure {
  return new CliFailure(message, { exitCode: 2, ...(next === undefined ? {} : { next }) });
}

/**
 * The words of anything thrown, with those of its causes where they say more ("fetch failed" alone says nothing).
 * @param error anything
 */
export function wordsOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { code } = error as { code?: unknown };
  const words = error.message || (typeof code === "string" ? code : error.name);
  const inner = error instanceof AggregateError ? error.errors[0] : error.cause;
  return inner === undefined || inner === null ? words : `${words}: ${wordsOf(inner)}`;
}
