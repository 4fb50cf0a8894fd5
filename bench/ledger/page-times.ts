/**
 * How long each request of each page takes: warm, one after the other as often as asked, and cold, with nothing of the
 * database in memory.
 * @module
 */
import { median } from "../lib/statistics.ts";
import type { Gateway } from "./gateway.ts";
import { plainRequests, walks, zonedRequests, zones, type PageRequest, type PageSubject } from "./page-requests.ts";

/** Milliseconds. */
export interface Times {
  median: number;
  p95: number;
}

/** One request. */
export interface PageRow {
  page: string;
  name: string;
  /** Null: it has no time zone. */
  zone: string | null;
  warm: Times;
  cold: Times;
  /** CPU of the gateway for a warm one, median: what it would take on a machine of its own. */
  cpuMs: number;
  kilobytes: number;
}

/** A search that goes on page by page. */
export interface WalkRow {
  name: string;
  /** Answers until the whole range was looked at. */
  pages: number;
  found: number;
  slowest: Times & { max: number };
}

/** Medians above this fail the run, milliseconds. */
const slowestMedian = 200;

/** Measures all requests. */
export async function measurePages(options: {
  gateway: Gateway;
  subject: PageSubject;
  repeats: number;
  progress: (line: string) => void;
}): Promise<{ rows: PageRow[]; walks: WalkRow[] }> {
  const { gateway, subject, repeats, progress } = options;
  const requests: { request: PageRequest; zone: string | null }[] = [
    ...zones.flatMap((zone) => zonedRequests(subject, zone).map((request) => ({ request, zone }))),
    ...plainRequests(subject).map((request) => ({ request, zone: null })),
  ];
  const rows: PageRow[] = [];
  for (const { request, zone } of requests) {
    const { page, name, path } = request;
    // The first one may have to start the reading thread or to compile: nobody's page is the first twice.
    await gateway.ask(path);
    const warm: number[] = [];
    const cold: number[] = [];
    const cpu: number[] = [];
    let bytes = 0;
    for (let repeat = 0; repeat < repeats; repeat += 1) {
      const before = gateway.cpuMs();
      const answer = await gateway.ask(path);
      cpu.push(gateway.cpuMs() - before);
      warm.push(answer.milliseconds);
      ({ bytes } = answer);
    }
    for (let repeat = 0; repeat < repeats; repeat += 1) {
      gateway.forgetFile();
      cold.push((await gateway.ask(path)).milliseconds);
    }
    const times = { warm: timesOf(warm), cold: timesOf(cold), cpuMs: median(cpu) ?? 0 };
    const row: PageRow = { page, name, zone, ...times, kilobytes: bytes / 1024 };
    rows.push(row);
    progress(
      `${page}: ${name}${zone === null ? "" : ` (${zone})`}: ${row.warm.median.toFixed(1)} ms, cold ${row.cold.median.toFixed(1)} ms, CPU ${row.cpuMs.toFixed(1)} ms`,
    );
  }
  const walked: WalkRow[] = [];
  for (const request of walks(subject)) {
    const row = await walk(gateway, request);
    walked.push(row);
    progress(`${row.name}: ${row.pages} pages, ${row.found} found, median ${row.slowest.median.toFixed(1)} ms`);
  }
  return { rows, walks: walked };
}

/** Requests whose median is above the limit, and how. */
export function tooSlow(rows: readonly PageRow[], walked: readonly WalkRow[]): string[] {
  return [
    ...rows.flatMap(({ page, name, zone, warm, cold }) =>
      [
        { how: "warm", at: warm.median },
        { how: "cold", at: cold.median },
      ]
        .filter(({ at }) => at > slowestMedian)
        .map(({ how, at }) => `${page}: ${name}${zone === null ? "" : ` in ${zone}`}: ${Math.round(at)} ms ${how}`),
    ),
    ...walked
      .filter(({ slowest }) => slowest.median > slowestMedian)
      .map(({ name, slowest }) => `calls: ${name}, page by page: ${Math.round(slowest.median)} ms`),
  ];
}

/** Median and p95 of some times. */
export function timesOf(times: readonly number[]): Times {
  const sorted = times.toSorted((a, b) => a - b);
  const p95 = sorted[Math.min(sorted.length - 1, Math.ceil(sorted.length * 0.95) - 1)];
  return { median: median(sorted) ?? 0, p95: p95 ?? 0 };
}

// --- helpers ---

/** Somebody who scrolls on and on gives up here. */
const mostPages = 60;

async function walk(gateway: Gateway, request: PageRequest): Promise<WalkRow> {
  const times: number[] = [];
  let found = 0;
  let cursor: string | null = null;
  do {
    const path: string = cursor === null ? request.path : `${request.path}&cursor=${encodeURIComponent(cursor)}`;
    const answer = await gateway.ask(path);
    times.push(answer.milliseconds);
    const page = JSON.parse(answer.text) as { calls: unknown[]; next: string | null };
    found += page.calls.length;
    cursor = page.next;
  } while (cursor !== null && times.length < mostPages);
  const slowest = { ...timesOf(times), max: Math.max(...times) };
  return { name: request.name, pages: times.length, found, slowest };
}
