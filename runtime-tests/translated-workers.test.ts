/**
 * The contract of the translated dialects on Workers: see translated.test.ts.
 * @module
 */
import { describe } from "vitest";
import { describeTranslatedAnswers } from "./support/translated-answers-suite.ts";
import { describeTranslatedFaults } from "./support/translated-faults-suite.ts";
import { useTranslatedWorld } from "./support/translated-use.ts";

describe("on workerd", () => {
  const world = useTranslatedWorld("workerd");
  describeTranslatedAnswers(world);
  describeTranslatedFaults(world);
});
