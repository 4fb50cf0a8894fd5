/**
 * Tokens of tools: listing, making and revoking them.
 * @module
 */
import type * as z from "zod";
import { createIdMaker } from "../../core/ids.ts";
import type { AdminToken } from "../../storage/types-administration.ts";
import { AdminError } from "../admin-errors.ts";
import { generateAdminToken } from "../auth/secrets.ts";
import { createToken, deleteToken, listTokens } from "../contract/session.ts";
import { implement, type Implementation } from "../implement.ts";
import type { tokenSchema } from "../schemas/session.ts";
import { checkActorName } from "./name-rules.ts";

/** List, make and revoke them. */
export const tokenHandlers: readonly Implementation[] = [
  implement(listTokens, async ({ services }) => ({
    tokens: (await services.administration.tokens.list()).map(toView),
  })),
  implement(createToken, async ({ services, state, body }) => {
    const { tokens } = services.administration;
    const now = services.clock.now();
    await checkActorName(body.name, "token", services);
    if (body.expiresAt !== null && body.expiresAt <= now)
      throw new AdminError("body_invalid", { message: "This time is over.", field: "body.expiresAt" });
    if ((await tokens.list()).length >= mostTokens)
      throw new AdminError("conflict", { message: `There are ${mostTokens} tokens.`, next: "Revoke some first." });
    const { token: secret, prefix } = generateAdminToken(services.random);
    const token: AdminToken = {
      id: `token_${createIdMaker(services.random)(now)}`,
      name: body.name,
      role: body.role,
      digest: services.digest.sha256(secret),
      prefix,
      createdAt: now,
      expiresAt: body.expiresAt,
      lastUsedAt: null,
    };
    await tokens.add(token);
    state.tokens.changed();
    return { token: toView(token), secret };
  }),
  implement(deleteToken, async ({ services, state, params }) => {
    if (!(await services.administration.tokens.remove(params.id))) throw new AdminError("not_found");
    state.tokens.changed();
  }),
];

// --- helpers ---

const mostTokens = 1_000;

function toView(token: AdminToken): z.output<typeof tokenSchema> {
  const { id, name, role, prefix, createdAt, expiresAt, lastUsedAt } = token;
  return { id, name, role, prefix, createdAt, expiresAt, lastUsedAt };
}
