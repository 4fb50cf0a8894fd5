/**
 * How commands ask Google about accounts.
 * @module
 */
import type { AccountAsk } from "../../accounts/ask.ts";
import { createAccountFetch } from "../../hosts/accounts/account-fetch.ts";

/** Asks by `fetch`, or through an outbound proxy: few need it, and undici takes a while to load. */
export const askForAccount: AccountAsk = async (question) => {
  if (question.proxy === null) return direct(question);
  const [{ createAccountRequest }, { createDispatchers }] = await Promise.all([
    import("../../hosts/node/account-request.ts"),
    import("../../hosts/node/dispatchers.ts"),
  ]);
  const { timeoutMs } = question;
  const dispatchers = createDispatchers({
    connectTimeoutMs: timeoutMs,
    firstByteTimeoutMs: timeoutMs,
    idleTimeoutMs: timeoutMs,
  });
  try {
    return await createAccountRequest(dispatchers)(question);
  } finally {
    await dispatchers.close();
  }
};

// --- helpers ---

const direct = createAccountFetch();
