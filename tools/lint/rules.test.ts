/**
 * Each house rule fires where it must and keeps quiet where it must.
 * @module
 */
import { RuleTester } from "oxlint/plugins-dev";
import { describe, it } from "vitest";
import { ambientDateRule } from "./ambient-date.ts";
import { disableReasonRule } from "./disable-reason.ts";
import { moduleDocRule } from "./module-doc.ts";
import { revealRule } from "./reveal.ts";
import { zodNamespaceRule } from "./zod-namespace.ts";

RuleTester.describe = describe;
RuleTester.it = it;
const tester = new RuleTester({ languageOptions: { parserOptions: { lang: "ts" } } });

tester.run("reveal", revealRule, {
  valid: ["const text = String(secret);", "reveal();", "const reveal = 1;", "const x = { reveal: () => plain };"],
  invalid: [
    { code: "send(secret.reveal());", errors: 1 },
    { code: "send(lease.secret?.reveal());", errors: 1 },
    { code: 'send(secret["reveal"]());', errors: 1 },
    { code: "const open = secret.reveal;", errors: 1 },
  ],
});

tester.run("zod-namespace", zodNamespaceRule, {
  valid: [
    'import * as z from "zod";',
    'import type { ZodError } from "zod";',
    'import { type ZodError } from "zod";',
    'import { z } from "./zod-like.ts";',
  ],
  invalid: [
    { code: 'import { z } from "zod";', errors: 1 },
    { code: 'import z from "zod";', errors: 1 },
    { code: 'import { object } from "zod/mini";', errors: 1 },
  ],
});

tester.run("disable-reason", disableReasonRule, {
  valid: [
    "// oxlint-disable-next-line no-console -- the command line speaks through it\nlog();",
    "// @ts-expect-error -- the type says string, the wire says otherwise\nlog();",
    "// a note on eslint-disable in the middle of prose\nlog();",
    "// oxlint-enable no-console\nlog();",
  ],
  invalid: [
    { code: "// oxlint-disable-next-line no-console\nlog();", errors: 1 },
    { code: "/* eslint-disable */\nlog();", errors: 1 },
    { code: "// eslint-disable-line no-console -- x\nlog();", errors: 1 },
    { code: "// oxlint-disable-next-line -- because it is wrong here\nlog();", errors: 1 },
    { code: "// @ts-ignore -- even with words it is the wrong tool\nlog();", errors: 1 },
    { code: "// @ts-expect-error\nlog();", errors: 1 },
  ],
});

tester.run("module-doc", moduleDocRule, {
  valid: [
    "/**\n * Splits server-sent events.\n * @module\n */\nexport const a = 1;",
    "/** @module Splits server-sent events. */\nexport const a = 1;",
    "/* another comment */\n/** @module Splits server-sent events. */\nexport const a = 1;",
  ],
  invalid: [
    { code: "export const a = 1;", errors: 1 },
    { code: "/** Splits server-sent events. */\nexport const a = 1;", errors: 1 },
    { code: "/** @module */\nexport const a = 1;", errors: 1 },
    { code: "export const a = 1;\n/**\n * Splits server-sent events.\n * @module\n */", errors: 1 },
  ],
});

tester.run("ambient-date", ambientDateRule, {
  valid: ["new Date(now);", "new Intl.DateTimeFormat();", "new Map();"],
  invalid: [
    { code: "new Date();", errors: 1 },
    { code: "const text = Date();", errors: 1 },
  ],
});
