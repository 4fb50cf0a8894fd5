/**
 * What only an account's owner, its administrator or the OAuth client of the settings can end.
 * @module
 */

/** Whether a disable is one that an account's owner, administrator or OAuth client ends. */
export function isOwnersTrouble(reason: string): boolean {
  return reason === "login-needed" || reason === "not-eligible";
}
