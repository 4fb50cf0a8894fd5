/** @module The scopes that the consent page knows (fact sheet upstream 7.5). */

const CLOUD = "https://www.googleapis.com/auth/cloud-platform";
const EMAIL = "https://www.googleapis.com/auth/userinfo.email";
const PROFILE = "https://www.googleapis.com/auth/userinfo.profile";

/** What a configured refresh token was granted. */
export const DEFAULT_SCOPE: string = [CLOUD, EMAIL, PROFILE, "openid"].join(" ");

/** Others are refused. */
export const KNOWN_SCOPES: ReadonlySet<string> = new Set([CLOUD, EMAIL, PROFILE, "openid", "email", "profile"]);
