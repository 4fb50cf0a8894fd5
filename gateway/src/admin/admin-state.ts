/**
 * What the admin API itself holds in memory.
 * @module
 */
import { createAccountLogins, type AccountLogins } from "./account-logins.ts";
import { createAudit, type Audit } from "./audit.ts";
import { createPasswordChecks, type PasswordChecks } from "./auth/check-password.ts";
import { createLoginLimits, type LoginLimits } from "./auth/login-limits.ts";
import { createSessions, type Sessions } from "./auth/sessions.ts";
import { createTokens, type Tokens } from "./auth/tokens.ts";
import { createPlaces, type Places } from "./places.ts";
import { createRepriceJob, type RepriceJob } from "./reprice-job.ts";
import type { AdminServices } from "./services.ts";

/** Its parts. */
export interface AdminState {
  readonly sessions: Sessions;
  readonly tokens: Tokens;
  readonly passwords: PasswordChecks;
  readonly loginLimits: LoginLimits;
  readonly audit: Audit;
  /** Of Code Assist accounts. */
  readonly accountLogins: AccountLogins;
  readonly reprice: RepriceJob;
  /** Of tails of the calls. */
  readonly tails: Places;
  /** Of exports of the calls: each holds a page of them in memory. */
  readonly exports: Places;
}

/** Tails at once, and of one who asks. */
export const tailBounds = { most: 50, mostOfOne: 20 } as const;
/** Exports at once, and of one who asks. */
export const exportBounds = { most: 20, mostOfOne: 4 } as const;

/** Makes them over the services. */
export function createAdminState(services: AdminServices): AdminState {
  return {
    sessions: createSessions(services),
    tokens: createTokens(services),
    passwords: createPasswordChecks(services),
    loginLimits: createLoginLimits(services.clock),
    audit: createAudit(services),
    accountLogins: createAccountLogins(services.clock),
    reprice: createRepriceJob(services),
    tails: createPlaces(tailBounds),
    exports: createPlaces(exportBounds),
  };
}
