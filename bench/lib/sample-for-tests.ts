/**
 * A sample with every field, for tests.
 * @module
 */
import type { Histogram, Sample } from "./types.ts";

/** A quiet sample; `own` overrides fields. */
export function sampleOf(own: Partial<Sample> = {}): Sample {
  const histogram: Histogram = { n: 1, p50: 100, p90: 100, p99: 100, p999: 100, max: 100, mean: 100 };
  return {
    rps: 1000,
    done: 1000,
    errors: 0,
    bad_status: -1,
    secs: 1,
    conns: 1,
    cpu_us: 100,
    cpu_util: 0.9,
    gen_util: 0.5,
    core0: { busy: 0.9, steal: 0 },
    core1: { busy: 0.5, steal: 0 },
    rss0_MB: 100,
    rss_MB: 100,
    lat: histogram,
    ev: histogram,
    first: histogram,
    foreign: 0,
    noisy: false,
    ...own,
  };
}
