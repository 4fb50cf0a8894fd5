/**
 * All routes of the admin API with their code.
 * @module
 */
import { accountHandlers } from "./handlers/accounts.ts";
import { auditHandlers } from "./handlers/audit.ts";
import { callHandlers } from "./handlers/calls.ts";
import { clientHandlers } from "./handlers/clients.ts";
import { credentialHandlers } from "./handlers/credentials.ts";
import { healthHandlers } from "./handlers/health.ts";
import { operatorHandlers } from "./handlers/operators.ts";
import { priceHandlers } from "./handlers/prices.ts";
import { sessionHandlers } from "./handlers/session.ts";
import { settingHandlers } from "./handlers/settings.ts";
import { tokenHandlers } from "./handlers/tokens.ts";
import { usageHandlers } from "./handlers/usage.ts";
import type { Implementation } from "./implement.ts";

/** In the order of the document. */
export const allImplementations: readonly Implementation[] = [
  ...sessionHandlers,
  ...operatorHandlers,
  ...tokenHandlers,
  ...credentialHandlers,
  ...accountHandlers,
  ...clientHandlers,
  ...callHandlers,
  ...usageHandlers,
  ...priceHandlers,
  ...settingHandlers,
  ...auditHandlers,
  ...healthHandlers,
];
