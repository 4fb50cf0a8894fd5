/**
 * The shape of a lint rule, borrowed from oxlint (which exports it only through its rule tester).
 * @module
 */
import type { RuleTester } from "oxlint/plugins-dev";

/** A rule as oxlint loads it: `meta` and `create(context)`. */
export type Rule = Parameters<RuleTester["run"]>[1];
