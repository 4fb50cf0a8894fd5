/**
 * What goes on beside the calls while they are measured. Each begins when it is called and ends when told to.
 * @module
 */
import type { Gateway } from "./gateway.ts";
import { plainRequests, zonedRequests, type PageSubject } from "./page-requests.ts";

/** Something that goes on. */
export interface Disturbance {
  /** Ends it; what it did, in words. @throws what failed meanwhile */
  end(): Promise<string>;
}

/** Nothing. */
export function keepQuiet(): Disturbance {
  return { end: () => Promise.resolve("") };
}

/** One person who looks at page after page without a pause; the requests of a page go out together, as a browser's do. */
export function browse(gateway: Gateway, subject: PageSubject): Disturbance {
  const byPage = Map.groupBy(
    [...zonedRequests(subject, "Asia/Kathmandu"), ...plainRequests(subject)],
    ({ page }) => page,
  );
  let requests = 0;
  return untilEnded(
    async (signal) => {
      for (const page of byPage.values()) {
        if (signal.aborted) return;
        // A browser has six connections to one place.
        for (let index = 0; index < page.length; index += 6) {
          const part = page.slice(index, index + 6);
          await Promise.all(part.map(({ path }) => gateway.ask(path, { signal })));
          requests += part.length;
        }
      }
    },
    (seconds) => `${Math.round(requests / seconds)} requests/s`,
  );
}

/** All calls of the range as CSV, as fast as they come. */
export function exportAll(gateway: Gateway, { fromMs, toMs }: PageSubject): Disturbance {
  let rows = 0;
  let bytes = 0;
  return untilEnded(
    async (signal) => {
      const onChunk = (chunk: Uint8Array): void => {
        bytes += chunk.byteLength;
        for (const byte of chunk) if (byte === 10) rows += 1;
      };
      await gateway.ask(`/calls/export?format=csv&sinceMs=${fromMs}&untilMs=${toMs}`, { signal, onChunk });
    },
    (seconds) => `${Math.round(rows / seconds)} rows/s, ${(bytes / 1e6 / seconds).toFixed(1)} MB/s`,
  );
}

/** Dry runs of re-pricing over one part of the range after the other. */
export function reprice(gateway: Gateway, { fromMs, toMs }: PageSubject): Disturbance {
  const part = Math.ceil((toMs - fromMs) / 60);
  let from = fromMs + 30 * part;
  let looked = 0;
  return untilEnded(
    async (signal) => {
      const body = { fromMs: from, toMs: Math.min(from + part, toMs), dryRun: true };
      from = from + part >= toMs ? fromMs + 30 * part : from + part;
      await gateway.ask("/prices/reprice", { method: "POST", body });
      // One at a time: the next cannot begin before this one has ended.
      for (;;) {
        const { job } = JSON.parse((await gateway.ask("/prices/reprice")).text) as {
          job: { state: string; looked: number; error: string | null } | null;
        };
        if (job?.state === "failed") throw new Error(`re-pricing failed: ${job.error}`);
        if (job?.state === "done") looked += job.looked;
        if (job === null || job.state !== "running" || signal.aborted) return;
        await new Promise((resolve) => setTimeout(resolve, 250));
      }
    },
    (seconds) => `${Math.round(looked / seconds)} calls/s`,
  );
}

// --- helpers ---

/** Does something again and again. */
function untilEnded(work: (signal: AbortSignal) => Promise<void>, words: (seconds: number) => string): Disturbance {
  const stop = new AbortController();
  const began = performance.now();
  const run = async (): Promise<void> => {
    while (!stop.signal.aborted) await work(stop.signal);
  };
  let failure: Error | null = null;
  const done = run().catch((error: unknown) => {
    if (!stop.signal.aborted) failure = error instanceof Error ? error : new Error(String(error));
  });
  return {
    async end() {
      stop.abort();
      await done;
      if (failure !== null) throw failure;
      return words((performance.now() - began) / 1000);
    },
  };
}
