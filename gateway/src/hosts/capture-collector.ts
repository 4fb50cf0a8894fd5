/**
 * Collects what calls hand over, within bounds, and passes on what is to be kept: off the call's way, one capture at a
 * time, since taking secrets out of a body takes longer than most calls' own work.
 *
 * Plain data goes out, so that a Worker can send it to the object that stores it.
 * @module
 */
import type { CapturedMessage } from "../admin/services.ts";
import type { CapturePort, CaptureSink, CaptureSubject } from "../call/capture/types.ts";
import type { Clock } from "../core/ports.ts";
import type { Settings } from "../settings/types.ts";
import { KeptBytes } from "./capture-bytes.ts";
import { toCapturedMessage, toCapturedPath } from "./capture-text.ts";

/** One captured call, ready to be sealed: plain data without secrets. At most some megabytes (CAPTURE_MAX_BYTES). */
export interface CapturedCallData {
  callId: string;
  method: string;
  path: string;
  request: CapturedMessage;
  response: CapturedMessage;
  /** Epoch milliseconds. */
  createdAt: number;
  expiresAt: number;
}

/** What all collectors of a process hold together, and what they let go. Counts only grow. */
export interface CaptureBudget {
  /** Bytes of calls under way. */
  openBytes: number;
  /** Captures that wait to be passed on, and their bytes. */
  queued: number;
  queuedBytes: number;
  /** Calls that were not captured since too much was under way. */
  skipped: number;
  /** Captures that did not fit into the queue. */
  dropped: number;
  /** Captures that could not be passed on. */
  failed: number;
}

/** Takes copies of calls. */
export interface CaptureCollector extends CapturePort {
  readonly budget: Readonly<CaptureBudget>;
  /** Resolves when everything that has ended by now was passed on, without waiting between. */
  flush(): Promise<void>;
}

/** What is captured; read for each call, so that changes hold at once. */
export type CaptureSettings = Pick<Settings, "capture" | "captureMaxBytes" | "captureRetentionMs">;

/** Calls under way, all together. */
const mostOpenBytes = 64 * 1024 * 1024;
const mostQueued = 200;
const mostQueuedBytes = 32 * 1024 * 1024;
/** Passed on together. */
const batchSize = 20;
/** Gathers those that end shortly after each other. */
const gatherMs = 100;

/** Nothing held yet. */
export function createCaptureBudget(): CaptureBudget {
  return { openBytes: 0, queued: 0, queuedBytes: 0, skipped: 0, dropped: 0, failed: 0 };
}

/**
 * Makes a collector.
 * @param parts `schedule`: calls back after milliseconds; `deliver`: takes a batch, the oldest first; what it rejects is
 *   lost and counted; `keepAlive`: told of work that goes on after the call (Workers' `waitUntil`); `budget`: shared by
 *   several collectors of a process
 */
export function createCaptureCollector(parts: {
  settings: CaptureSettings;
  clock: Clock;
  schedule: (callback: () => void, ms: number) => () => void;
  deliver: (batch: readonly CapturedCallData[]) => Promise<void>;
  keepAlive?: (work: Promise<void>) => void;
  budget?: CaptureBudget;
}): CaptureCollector {
  const { settings, clock } = parts;
  const budget = parts.budget ?? createCaptureBudget();
  const room = (): number => mostOpenBytes - budget.openBytes;
  const queue: Ended[] = [];
  let running: Promise<void> | null = null;
  let hurried = 0;
  let wake: (() => void) | null = null;

  function pause(ms: number): Promise<void> {
    if (hurried > 0) return Promise.resolve();
    return new Promise((resolve) => {
      const cancel = parts.schedule(resolve, ms);
      wake = () => {
        cancel();
        resolve();
      };
    });
  }

  async function drain(): Promise<void> {
    await pause(gatherMs);
    while (queue.length > 0) {
      const batch = queue.splice(0, batchSize);
      const ready: CapturedCallData[] = [];
      try {
        for (const ended of batch) {
          await pause(0);
          ready.push(toData(ended));
        }
        await parts.deliver(ready);
      } catch {
        budget.failed += batch.length;
      } finally {
        budget.queued -= batch.length;
        for (const ended of batch) budget.queuedBytes -= ended.heldBytes;
      }
    }
  }

  function start(): void {
    if (running !== null) return;
    running = drain().finally(() => (running = null));
    parts.keepAlive?.(running);
  }

  function enqueue(ended: Ended): void {
    if (budget.queued >= mostQueued || budget.queuedBytes + ended.heldBytes > mostQueuedBytes) {
      budget.dropped += 1;
      return;
    }
    budget.queued += 1;
    budget.queuedBytes += ended.heldBytes;
    queue.push(ended);
    start();
  }

  return {
    budget,
    open(subject): CaptureSink | null {
      if (settings.capture === "off") return null;
      const most = settings.captureMaxBytes;
      if (room() < Math.min(most, 4096)) {
        budget.skipped += 1;
        return null;
      }
      const request = new KeptBytes(most);
      const response = new KeptBytes(most);
      let requestTotal = 0;
      let responseHeaders: readonly string[] = [];
      const add = (kept: KeptBytes, chunk: Uint8Array): void => {
        budget.openBytes += kept.add(chunk, room());
      };
      return {
        request(body, bytes) {
          requestTotal = bytes;
          if (body === "pass") return;
          for (const chunk of body.chunks) {
            if (request.isFull) break;
            add(request, chunk);
          }
        },
        head(_status, headers) {
          responseHeaders = headers;
        },
        data: (chunk) => add(response, chunk),
        end({ outcome, status }) {
          const heldBytes = request.capacity + response.capacity;
          budget.openBytes -= heldBytes;
          const isError = outcome !== "ok" || status >= 400;
          if (settings.capture === "off" || (settings.capture === "errors" && !isError)) return;
          const now = clock.now();
          enqueue({
            subject,
            request: { bytes: request.bytes(), total: requestTotal },
            responseHeaders,
            response: { bytes: response.bytes(), total: response.total },
            heldBytes,
            createdAt: now,
            expiresAt: now + settings.captureRetentionMs,
          });
        },
      };
    },
    async flush() {
      hurried += 1;
      wake?.();
      try {
        while (running !== null) await running;
      } finally {
        hurried -= 1;
      }
    },
  };
}

// --- helpers ---

/** A call that ended, as it was. */
interface Ended {
  subject: CaptureSubject;
  request: { bytes: Uint8Array; total: number };
  responseHeaders: readonly string[];
  response: { bytes: Uint8Array; total: number };
  heldBytes: number;
  createdAt: number;
  expiresAt: number;
}

function toData({ subject, request, responseHeaders, response, createdAt, expiresAt }: Ended): CapturedCallData {
  const { secrets } = subject;
  return {
    callId: subject.id,
    method: subject.method,
    path: toCapturedPath(subject.target, secrets),
    request: toCapturedMessage({ headers: subject.headers, body: request }, { side: "request", secrets }),
    response: toCapturedMessage({ headers: responseHeaders, body: response }, { side: "response", secrets }),
    createdAt,
    expiresAt,
  };
}
