import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { MetricFamily } from "./families.ts";
import { parsePrometheusText } from "../testkit/prometheus-parser.ts";
import { toPrometheusText } from "./prometheus-text.ts";

const name = fc.stringMatching(/^[a-z_][a-z0-9_]{0,20}$/);
const text = fc.string({ unit: "binary", maxLength: 30 });
const value = fc.oneof(fc.double({ noNaN: true }), fc.nat(), fc.constantFrom(Infinity, -Infinity, 0, 1e21, 1e-9));
const labels = fc
  .uniqueArray(name, { maxLength: 4 })
  .chain((names) => fc.tuple(...names.map((each) => fc.tuple(fc.constant(each), text))));

describe("toPrometheusText", () => {
  it("is parsed back to the same values, whatever names and texts hold", () => {
    const family = fc.record({
      name,
      help: text,
      unit: fc.constant("1"),
      kind: fc.constantFrom("counter" as const, "gauge" as const),
      samples: fc.uniqueArray(fc.record({ labels, value }), {
        minLength: 1,
        maxLength: 4,
        selector: (sample) => JSON.stringify(sample.labels.toSorted(([a], [b]) => (a < b ? -1 : 1))),
      }),
    });
    fc.assert(
      fc.property(fc.uniqueArray(family, { selector: (each) => each.name, maxLength: 4 }), (families) => {
        const parsed = parsePrometheusText(toPrometheusText(families));
        expect(parsed.families).toEqual(families.map(({ name: each, help, kind }) => ({ name: each, help, kind })));
        expect(parsed.samples).toEqual(
          families.flatMap((each) =>
            each.samples.map((sample) => ({
              name: each.name,
              labels: Object.fromEntries(sample.labels),
              value: sample.value === 0 ? 0 : sample.value,
            })),
          ),
        );
      }),
    );
  });

  it("shows a histogram's classes cumulated, with a last class for everything and sum and count", () => {
    const family: MetricFamily = {
      name: "wait_seconds",
      help: "Waits.",
      unit: "s",
      kind: "histogram",
      bounds: [0.1, 2.5],
      points: [{ labels: [["kind", "a"]], counts: [2, 0, 5], sum: 12.5 }],
    };
    expect(toPrometheusText([family])).toBe(
      [
        "# HELP wait_seconds Waits.",
        "# TYPE wait_seconds histogram",
        'wait_seconds_bucket{kind="a",le="0.1"} 2',
        'wait_seconds_bucket{kind="a",le="2.5"} 2',
        'wait_seconds_bucket{kind="a",le="+Inf"} 7',
        'wait_seconds_sum{kind="a"} 12.5',
        'wait_seconds_count{kind="a"} 7',
        "",
      ].join("\n"),
    );
  });

  it("leaves out a family that has no value", () => {
    expect(toPrometheusText([{ name: "a", help: "", unit: "1", kind: "gauge", samples: [] }])).toBe("");
  });
});
