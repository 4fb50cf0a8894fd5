/**
 * The project's own lint rules, loaded by `.oxlintrc.json` under the name `house`.
 * @module
 */
import { ambientDateRule } from "./ambient-date.ts";
import { disableReasonRule } from "./disable-reason.ts";
import { moduleDocRule } from "./module-doc.ts";
import { revealRule } from "./reveal.ts";
import type { Rule } from "./rule.ts";
import { zodNamespaceRule } from "./zod-namespace.ts";

const plugin: { meta: { name: string }; rules: Record<string, Rule> } = {
  meta: { name: "house" },
  rules: {
    "ambient-date": ambientDateRule,
    "disable-reason": disableReasonRule,
    "module-doc": moduleDocRule,
    reveal: revealRule,
    "zod-namespace": zodNamespaceRule,
  },
};

export default plugin;
