/**
 * What names may be. They are shown everywhere, so they must hold no secret; and the audit log tells who did something by
 * name, so nobody may bear somebody else's.
 * @module
 */
import { AdminError } from "../admin-errors.ts";
import { redactText } from "../audit-detail.ts";
import { adminTokenName, nobody } from "../auth/actor.ts";
import type { AdminServices } from "../services.ts";

/**
 * Refuses a text with the shape of a secret in it.
 * @param field of the body: `name`
 * @throws AdminError `body_invalid`
 */
export function checkNoSecret(text: string, field: string): void {
  if (redactText(text) === text) return;
  throw new AdminError("body_invalid", { message: "This must not contain a key.", field: `body.${field}` });
}

/**
 * Refuses the name of a new operator or token when the audit log could not tell its bearer from another: operators have
 * names of their own, whatever the case; a token may share its name with other tokens, and with nobody else.
 * @throws AdminError `body_invalid`, `conflict`
 */
export async function checkActorName(
  name: string,
  kind: "operator" | "token",
  { administration }: Pick<AdminServices, "administration">,
): Promise<void> {
  checkNoSecret(name, "name");
  const others = [
    ...(await administration.operators.list()),
    ...(kind === "token" ? [] : await administration.tokens.list()),
  ];
  const taken = new Set([adminTokenName, nobody.name, ...others.map((other) => other.name)].map(folded));
  if (taken.has(folded(name))) throw new AdminError("conflict", { message: "This name is taken.", field: "body.name" });
}

// --- helpers ---

/** Letters that look alike in the same script count as one: full width, ligatures, case. */
function folded(name: string): string {
  return name.normalize("NFKC").toLowerCase();
}
