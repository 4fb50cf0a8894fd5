/**
 * Where secrets may be opened. The rule fires at every `.reveal`; `.oxlintrc.json` switches it off for the few folders
 * that send or encrypt a secret, so the allow-list is read in one place.
 * @module
 */
import type { Rule } from "./rule.ts";

/** Bans `.reveal` and `["reveal"]`, called or not: a function handed on opens the secret just as well. */
export const revealRule: Rule = {
  meta: { docs: { description: "Secrets are opened in vault/, backends/ and the listed commands only" } },
  create: (context) => ({
    MemberExpression(node) {
      const { property } = node;
      const plain = !node.computed && property.type === "Identifier" && property.name === "reveal";
      const quoted = node.computed && property.type === "Literal" && property.value === "reveal";
      if (plain || quoted)
        context.report({
          node,
          message: "Secrets may only be revealed in vault/, backends/ and the commands listed in .oxlintrc.json.",
        });
    },
  }),
};
