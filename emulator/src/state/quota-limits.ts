/** @module Limits of what a project, or an account, may ask of a model. */

/** Limits of one (project, model). A number is a limit, 0 answers `limit: 0`, null is no limit, absent is the tier's default. */
export interface QuotaLimits {
  requestsPerMinute?: number | null;
  requestsPerDay?: number | null;
  inputTokensPerMinute?: number | null;
}
