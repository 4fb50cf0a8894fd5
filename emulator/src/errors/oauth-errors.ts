/** @module The error bodies of Google's token endpoint (fact sheet upstream 7.5). */

import type { ApiError } from "./api-error.ts";
import { oauthError } from "./api-error.ts";

/** Bodies by name. */
export const OAUTH_BODIES = {
  "oauth-invalid-grant": (): ApiError => oauthError(400, "invalid_grant", "Token has been expired or revoked."),
  "oauth-invalid-rapt": (): ApiError => {
    const refused = oauthError(400, "invalid_grant", "reauth related error (invalid_rapt)");
    const uri = "https://support.google.com/a/answer/9368756";
    return { ...refused, oauth: { ...refused.oauth, error_uri: uri, error_subtype: "invalid_rapt" } };
  },
  "oauth-account-deleted": (): ApiError => oauthError(400, "invalid_grant", "Account has been deleted"),
  "oauth-invalid-client": (): ApiError => oauthError(401, "invalid_client", "The OAuth client was not found."),
  "oauth-unauthorized-client": (): ApiError => oauthError(401, "unauthorized_client", "Unauthorized"),
  "oauth-internal": (): ApiError => oauthError(500, "internal_failure", "Internal error, please retry."),
};
