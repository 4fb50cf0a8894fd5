/**
 * The core has no clock of its own: time comes through the `Clock` port. `Date.now` is banned by a built-in rule; this
 * one bans the form it cannot see.
 * @module
 */
import type { Rule } from "./rule.ts";

/** Bans `new Date()` and `Date()` without arguments; `new Date(milliseconds)` is fine. */
export const ambientDateRule: Rule = {
  meta: { docs: { description: "The current time comes through the Clock port" } },
  create: (context) => ({
    NewExpression(node) {
      if (isDate(node.callee) && node.arguments.length === 0) context.report({ node, message });
    },
    CallExpression(node) {
      if (isDate(node.callee)) context.report({ node, message });
    },
  }),
};

// --- helpers ---

const message = "Read the time from the Clock port: this folder has no clock of its own.";

function isDate(callee: { type: string; name?: unknown }): boolean {
  return callee.type === "Identifier" && callee.name === "Date";
}
