/**
 * Comments that switch a check off must say which one and why, or the next reader cannot tell a decision from a leftover.
 * @module
 */
import type { Rule } from "./rule.ts";

const lintComment = /^\s*(?:ox|es)lint-disable(?:-next-line|-line)?(?<rest>\s[\s\S]*)?$/;
const typeComment = /^\s*@ts-(?<kind>expect-error|ignore|nocheck)(?<rest>[\s\S]*)$/;

/** Demands `oxlint-disable-next-line <rule> -- <reason>` and `@ts-expect-error -- <reason>`; bans `@ts-ignore`. */
export const disableReasonRule: Rule = {
  meta: { docs: { description: "Comments that switch a check off name the rule and the reason" } },
  create: (context) => ({
    Program() {
      for (const comment of context.sourceCode.getAllComments()) {
        const message = complaint(comment.value);
        if (message !== null) context.report({ loc: comment.loc, message });
      }
    },
  }),
};

// --- helpers ---

function complaint(text: string): string | null {
  const lint = lintComment.exec(text);
  if (lint !== null) {
    const [rules = "", ...reason] = (lint.groups?.["rest"] ?? "").split(" -- ");
    if (rules.trim() === "") return "Name the rule that is switched off.";
    return isReason(reason.join(" -- ")) ? null : "Say why the rule is switched off: `-- <reason>`.";
  }
  const types = typeComment.exec(text);
  if (types === null) return null;
  if (types.groups?.["kind"] !== "expect-error")
    return "Use @ts-expect-error with a reason: it fails when it is no longer needed.";
  const [, ...reason] = (types.groups["rest"] ?? "").split("-- ");
  return isReason(reason.join("-- ")) ? null : "Say why the error is expected: `@ts-expect-error -- <reason>`.";
}

function isReason(text: string): boolean {
  return text.trim().length >= 10;
}
