/**
 * Checks a name and password in a time that does not tell whether there is such a name.
 * @module
 */
import type { Operator } from "../../storage/types-administration.ts";
import { AdminError } from "../admin-errors.ts";
import type { AdminServices } from "../services.ts";
import { randomText } from "./secrets.ts";

/** Checks passwords, some at a time. */
export interface PasswordChecks {
  /**
   * The enabled operator with that name and password.
   * @returns null when one of them is not right
   * @throws AdminError `login_limited` when too many are being checked now
   */
  check(name: string, password: string): Promise<Operator | null>;
  /** @throws AdminError `login_limited` as above */
  verify(password: string, hash: string): Promise<boolean>;
  /** @throws AdminError `login_limited` as above */
  hash(password: string): Promise<string>;
}

/** Each takes memory and a core for some tenths of a second. */
const mostAtOnce = 4;

/** Passwords of the store's operators. */
export function createPasswordChecks(
  services: Pick<AdminServices, "administration" | "passwords" | "random">,
): PasswordChecks {
  const { administration, passwords, random } = services;
  let running = 0;
  /** A hash that no password fits, for names that there are not. */
  let decoy: Promise<string> | null = null;

  async function limited<Result>(work: () => Promise<Result>): Promise<Result> {
    if (running >= mostAtOnce)
      throw new AdminError("login_limited", { message: "Many passwords are being checked now.", retryAfterSeconds: 1 });
    running++;
    try {
      return await work();
    } finally {
      running--;
    }
  }

  return {
    check: (name, password) =>
      limited(async () => {
        // Made before the name is looked at, so that the first log-in after a start tells nothing either.
        decoy ??= passwords.hash(randomText(random)).catch((error: unknown) => {
          decoy = null;
          throw error;
        });
        const none = await decoy;
        const find = async (): Promise<Operator | undefined> =>
          (await administration.operators.list()).find((each) => each.name === name);
        const operator = await find();
        const fits = await passwords.verify(password, operator?.passwordHash ?? none);
        if (!fits || operator === undefined) return null;
        // What was changed while the password was being checked counts.
        const now = await find();
        if (now === undefined || !now.enabled || now.passwordHash !== operator.passwordHash) return null;
        return now;
      }),
    verify: (password, hash) => limited(() => passwords.verify(password, hash)),
    hash: (password) => limited(() => passwords.hash(password)),
  };
}
