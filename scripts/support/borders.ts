/**
 * Runs dependency-cruiser with the project's rules and gives back what it found, without its advice on TypeScript 6.
 * @module
 */
import { createRequire } from "node:module";
import {
  cruise,
  type ICruiseOptions,
  type ICruiseResult,
  type IFlattenedRuleSet,
  type IResolveOptions,
} from "dependency-cruiser";

/** One import over a border. */
export interface BorderViolation {
  rule: string;
  /** File that imports, relative to the base. */
  from: string;
  /** What it imports; for a cycle the whole way round. */
  to: string;
  /** Why the rule exists. */
  comment: string;
}

/** What a run saw. `files` is 0 when nothing was found to check: treat that as a failure. */
export interface BorderReport {
  files: number;
  imports: number;
  rules: readonly string[];
  violations: readonly BorderViolation[];
}

interface Configuration {
  forbidden: { name: string; comment: string }[];
  options: ICruiseOptions & { enhancedResolveOptions: Partial<IResolveOptions> };
}

/**
 * Checks the borders of a tree.
 * @param options `base`: the folder that the rules' paths start from; `folders`: what to read, relative to it
 * @throws when the rules or a source cannot be read
 */
export async function checkBorders(options: { base: string; folders: readonly string[] }): Promise<BorderReport> {
  const configuration = createRequire(import.meta.url)("../../.dependency-cruiser.cjs") as Configuration;
  const { enhancedResolveOptions, ...cruiseOptions } = configuration.options;
  const { output } = await cruise(
    [...options.folders],
    {
      ...cruiseOptions,
      baseDir: options.base,
      validate: true,
      ruleSet: { forbidden: configuration.forbidden } as IFlattenedRuleSet,
    },
    enhancedResolveOptions,
  );
  const result = output as ICruiseResult;
  const comments = new Map(configuration.forbidden.map((rule) => [rule.name, rule.comment]));
  return {
    files: result.modules.filter((module) => module.source.endsWith(".ts")).length,
    imports: result.summary.totalDependenciesCruised ?? 0,
    rules: configuration.forbidden.map((rule) => rule.name),
    violations: result.summary.violations.map((violation) => ({
      rule: violation.rule.name,
      from: violation.from,
      to: violation.cycle?.map((step) => step.name).join(" → ") ?? violation.to,
      comment: comments.get(violation.rule.name) ?? "",
    })),
  };
}
