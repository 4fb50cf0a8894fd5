import { describe, expect, it } from "vitest";
import { judgeNoise } from "./generator.ts";
import { sampleOf } from "./sample-for-tests.ts";
import type { Row, Sample, Verdict, WorkloadResult } from "./types.ts";
import { judge } from "./verdict.ts";

const row = (target: string, own: Partial<Sample>): Row => ({ target, samples: [sampleOf(own)] });
const find = (results: WorkloadResult[], budget: string): Verdict | undefined =>
  judge(results).find((verdict) => verdict.subject === "gateway-node" && verdict.budget.startsWith(budget));

describe("judge", () => {
  it("meets a budget at its limit and misses it beyond", () => {
    const unary = (cpu: number): WorkloadResult[] => [
      { workload: "unary", rows: [row("bare-undici", { cpu_us: 100 }), row("gateway-node", { cpu_us: cpu })] },
    ];
    expect(find(unary(115), "CPU a call / bare-undici, unary")?.outcome).toBe("met");
    expect(find(unary(116), "CPU a call / bare-undici, unary")).toMatchObject({
      outcome: "missed",
      measured: "1.16 x",
    });
  });

  it("subtracts the direct upstream's p99 of the same round", () => {
    const latency = (p99: number): Partial<Sample> => ({ lat: { ...sampleOf().lat, p99 } });
    const rows = [row("direct", latency(400)), row("gateway-node", latency(1900))];
    expect(find([{ workload: "rate", rows }], "p99 added")).toMatchObject({ outcome: "met", measured: "1.50 ms" });
  });

  it("counts the memory that held streams added", () => {
    const rows = [row("gateway-node", { held: 1000, rss0_MB: 100, rss_MB: 201 })];
    expect(find([{ workload: "held", rows }], "memory a held stream")?.outcome).toBe("missed");
    expect(find([{ workload: "held", rows }], "RSS with 1,000")?.outcome).toBe("missed");
  });

  it("is unsure of a figure that no undisturbed round gave", () => {
    const rows = [row("gateway-node", { held: 1000, noisy: true })];
    expect(find([{ workload: "held", rows }], "RSS with")).toMatchObject({ outcome: "unsure", measured: "~100 MB" });
  });

  it("says not run when the gateway did not start", () => {
    const rows: Row[] = [row("nginx", {}), { target: "gateway-node", notRun: "did not start", samples: [] }];
    expect(find([{ workload: "unary", rows }], "throughput / nginx, unary")?.outcome).toBe("not run");
  });
});

describe("judgeNoise", () => {
  it("takes the proxy's and the generator's own work for no disturbance", () => {
    const own = { core0: { busy: 0.92, steal: 0 }, cpu_util: 0.9, core1: { busy: 0.55, steal: 0 }, gen_util: 0.5 };
    expect(judgeNoise(sampleOf(own)).noisy).toBe(false);
  });

  it("sees a neighbour on either core and stolen time", () => {
    expect(judgeNoise(sampleOf({ core0: { busy: 1, steal: 0 }, cpu_util: 0.9 })).noisy).toBe(true);
    expect(judgeNoise(sampleOf({ core1: { busy: 0.9, steal: 0 }, gen_util: 0.6 })).noisy).toBe(true);
    expect(judgeNoise(sampleOf({ core0: { busy: 0.9, steal: 0.1 } })).noisy).toBe(true);
  });
});
