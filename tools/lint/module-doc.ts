/**
 * Every source file opens with a block that says what it is for.
 * @module
 */
import type { Rule } from "./rule.ts";

/** Demands a doc block with `@module` and at least a sentence before any code; the tag may stand at either end. */
export const moduleDocRule: Rule = {
  meta: { docs: { description: "A file opens with a /** … @module */ block" } },
  create: (context) => ({
    Program(node) {
      const start = node.body[0]?.range[0] ?? Infinity;
      const doc = context.sourceCode
        .getAllComments()
        .find(({ type, value, range }) => type === "Block" && /^\*[\s\S]*@module\b/.test(value) && range[0] < start);
      const words =
        doc?.value
          .replace("@module", "")
          .replace(/[*\s]+/g, " ")
          .trim() ?? "";
      if (words.length < 20)
        context.report({
          loc: { line: 1, column: 0 },
          message: "Open the file with a /** … @module */ block that says what it is for.",
        });
    },
  }),
};
