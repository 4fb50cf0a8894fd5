/**
 * A filtered range of calls as a stream: each page is read when the reader wants more, so that a slow one costs no
 * memory, and one that leaves costs no more work. What fails on the way breaks the stream; it never ends it well.
 * @module
 */
import type { PricedCall } from "../../storage/types.ts";
import type { SearchFilter, SearchPage } from "../../storage/types-analytics.ts";
import { AdminError } from "../admin-errors.ts";
import type { AdminServices } from "../services.ts";
import { toCallView } from "../views/call-view.ts";
import { readNames } from "../views/names.ts";
import { createZoneClock } from "../zones/zone-clock.ts";
import { csvHead, csvRow } from "./export-rows.ts";

/** Form of an export. */
export type ExportFormat = "csv" | "json" | "ndjson";

/**
 * Begins an export. The first page is read before the answer's head goes out: what fails at once fails plainly.
 * @param options `zone`: of the times in CSV
 * @throws AdminError `query_invalid` when the zone is not known
 */
export async function startExport(options: {
  services: AdminServices;
  filter: SearchFilter;
  format: ExportFormat;
  zone: string;
}): Promise<Response> {
  const { services, filter, format, zone } = options;
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
  let page: SearchPage | null = await read(null);
  let isFirst = true;
  let left = false;

  const body = new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        let text = isFirst ? writer.head : "";
        // A page may hold nothing: rare matches are looked for piece by piece.
        while (page !== null && !left) {
          for (const call of page.calls) {
            text += writer.row(call, isFirst);
            isFirst = false;
          }
          page = page.next === null ? null : await read(page.next);
          if (text !== "" && !isFirst) break;
          await services.breathe();
        }
        if (left) return;
        if (page === null) text += writer.tail;
        if (text !== "") controller.enqueue(services.bytes.encode(text));
        if (page === null) controller.close();
      },
      cancel() {
        left = true;
      },
    },
    { highWaterMark: 0 },
  );
  const day = new Date(services.clock.now()).toISOString().slice(0, 10);
  return new Response(body, {
    headers: {
      "content-type": writer.contentType,
      "content-disposition": `attachment; filename="calls-${day}.${format}"`,
    },
  });
}

// --- helpers ---

/** Calls of one piece of the stream: some hundred KB. */
const pageSize = 500;

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
