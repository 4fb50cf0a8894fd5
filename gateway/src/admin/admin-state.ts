/**
 * What the admin API itself holds in memory.
 * @module
 */
import { createAudit, type Audit } from "./audit.ts";
import { createPasswordChecks, type PasswordChecks } from "./auth/check-password.ts";
import { createLoginLimits, type LoginLimits } from "./auth/login-limits.ts";
import { createSessions, type Sessions } from "./auth/sessions.ts";
import { createTokens, type Tokens } from "./auth/tokens.ts";
import { createRepriceJob, type RepriceJob } from "./reprice-job.ts";
import type { AdminServices } from "./services.ts";

/** Its parts. */
export interface AdminState {
  readonly sessions: Sessions;
  readonly tokens: Tokens;
  readonly passwords: PasswordChecks;
  readonly loginLimits: LoginLimits;
  readonly audit: Audit;
  readonly reprice: RepriceJob;
}

/** Makes them over the services. */
export function createAdminState(services: AdminServices): AdminState {
  return {
    sessions: createSessions(services),
    tokens: createTokens(services),
    passwords: createPasswordChecks(services),
    loginLimits: createLoginLimits(services.clock),
    audit: createAudit(services),
    reprice: createRepriceJob(services),
  };
}
