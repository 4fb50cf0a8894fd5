/**
 * A filtered range of calls as a stream: each page is read when the reader wants more, so that a slow one costs no
 * memory, and one that leaves costs no more work. What fails on the way breaks the stream; it never ends it well.
 * @module
 */
import type { PricedCall } from "../../storage/types.ts";
import type { SearchFilter, SearchPage } from "../../storage/types-analytics.ts";
import { AdminError } from "../admin-errors.ts";
import type { AdminState } from "../admin-state.ts";
import type { Actor } from "../auth/actor.ts";
import { isStillIn } from "../auth/authenticate.ts";
import type { AdminServices } from "../services.ts";
import { toCallView } from "../views/call-view.ts";
import { readNames } from "../views/names.ts";
import { createZoneClock } from "../zones/zone-clock.ts";
import { csvHead, csvRow } from "./export-rows.ts";

/** Form of an export. */
export type ExportFormat = "csv" | "json" | "ndjson";

/**
 * Begins an export. The first page is read before the answer's head goes out: what fails at once fails plainly.
 * @param options `zone`: of the times in CSV; `actor`: who reads, for as long as the log-in or token holds
 * @throws AdminError `query_invalid` when the zone is not known; `unavailable` when there are too many exports
 */
export async function startExport(options: {
  services: AdminServices;
  filter: SearchFilter;
  format: ExportFormat;
  zone: string;
  actor: Actor;
  state: AdminState;
}): Promise<Response> {
  const { services, filter, format, zone, actor, state } = options;
  const clock = createZoneClock(zone);
  if (clock === null)
    throw new AdminError("query_invalid", {
      message: "There is no such time zone.",
      field: "query.zone",
      next: "Give an IANA name such as Asia/Ho_Chi_Minh.",
    });
  const writer = writers[format]({ clock, names: readNames(services) });
  const read = (cursor: string | null): Promise<SearchPage> =>
    services.analytics.search(filter, { limit: pageSize, cursor });
  const leave = state.exports.take(actor);
  if (leave === null)
    throw new AdminError("unavailable", {
      message: "There are too many exports under way.",
      next: "Wait until one is done.",
      retryAfterSeconds: 10,
    });
  let page: SearchPage | null = await read(null).catch((error: unknown) => {
    leave();
    throw error;
  });
  let isFirst = true;
  let ended = false;
  /** Since when it waits for the reader; null: it is at work. */
  let idleSince: number | null = services.clock.monotonic();

  /** @returns null: the reader left meanwhile */
  async function nextText(): Promise<string | null> {
    let text = isFirst ? writer.head : "";
    // A page may hold nothing: rare matches are looked for piece by piece.
    while (page !== null) {
      for (const call of page.calls) {
        text += writer.row(call, isFirst);
        isFirst = false;
      }
      const next: SearchPage | null = page.next === null ? null : await read(page.next);
      if (ended) return null;
      page = next;
      if (text !== "" && !isFirst) break;
      await services.breathe();
    }
    return ended ? null : text + (page === null ? writer.tail : "");
  }

  function end(): void {
    ended = true;
    page = null;
    stopTimer();
    leave?.();
  }

  let breakOff: (cause: string) => void = () => undefined;
  const body = new ReadableStream<Uint8Array>(
    {
      start(controller) {
        breakOff = (cause) => {
          if (ended) return;
          end();
          controller.error(new Error(cause));
        };
      },
      async pull(controller) {
        idleSince = null;
        try {
          const text = await nextText();
          if (text === null) return;
          if (text !== "") controller.enqueue(services.bytes.encode(text));
          if (page === null) {
            end();
            controller.close();
          }
        } catch (error) {
          end();
          throw error;
        }
        idleSince = services.clock.monotonic();
      },
      cancel: end,
    },
    { highWaterMark: 0 },
  );
  const stopTimer = services.every(lookEveryMs, () => {
    // Neither for a reader that sleeps nor for one who was logged out are a place and a page kept.
    if (idleSince !== null && services.clock.monotonic() - idleSince >= longestIdleMs)
      breakOff("the reader takes nothing");
    else void isStillIn(state, actor).then((isIn) => (isIn ? undefined : breakOff("the log-in has ended")));
  });
  const day = new Date(services.clock.now()).toISOString().slice(0, 10);
  return new Response(body, {
    headers: {
      "content-type": writer.contentType,
      "content-disposition": `attachment; filename="calls-${day}.${format}"`,
    },
  });
}

// --- helpers ---

const lookEveryMs = 30_000;
const longestIdleMs = 2 * 60_000;
/** Calls of one piece of the stream: some 30 KB, and about 3 ms in which no call is served. */
const pageSize = 100;

interface Writer {
  contentType: string;
  head: string;
  row(call: PricedCall, isFirst: boolean): string;
  tail: string;
}

const writers: Readonly<Record<ExportFormat, (context: Parameters<typeof csvRow>[1]) => Writer>> = {
  csv: (context) => ({
    contentType: "text/csv; charset=utf-8; header=present",
    head: csvHead(),
    row: (call) => csvRow(call, context),
    tail: "",
  }),
  json: () => ({
    contentType: "application/json; charset=utf-8",
    head: "[",
    row: (call, isFirst) => `${isFirst ? "\n" : ",\n"}${JSON.stringify(toCallView(call))}`,
    tail: "\n]\n",
  }),
  ndjson: () => ({
    contentType: "application/x-ndjson; charset=utf-8",
    head: "",
    row: (call) => `${JSON.stringify(toCallView(call))}\n`,
    tail: "",
  }),
};
