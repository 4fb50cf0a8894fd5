/**
 * Puts other files in the place of those that a generation's body names: only the values of the fields that Google reads
 * as names change (the walk of resources/body-names.ts); every other byte stays as it came, and none is copied.
 * @module
 */
import type { Bytes } from "../../core/ports.ts";
import type { Backend } from "../../core/records.ts";
import type { ResourceName } from "../../core/resources.ts";
import type { CollectedBody } from "../host.ts";
import { generationFields, namedBy } from "../resources/body-names.ts";
import { createFieldScan, scanFields } from "../resources/scan-fields.ts";
import type { FilePlace } from "./types.ts";

/** Bodies up to this size are joined: many small pieces cost more to send. */
const joinedBytes = 262_144;

/**
 * Replaces.
 * @param request `places`: by the canonical name that stands in the body now
 * @returns null when one of them is not to be found, so that the call cannot be served with them
 */
export function replaceFiles(request: {
  body: CollectedBody;
  backend: Backend;
  places: ReadonlyMap<ResourceName, Pick<FilePlace, "name" | "uri">>;
  bytes: Bytes;
}): CollectedBody | null {
  const { body, backend, places, bytes } = request;
  const edits: Edit[] = [];
  const found = new Set<ResourceName>();
  /** Bytes of the chunks before this one. */
  let base = 0;
  const scan = createFieldScan({
    bytes,
    table: generationFields(backend),
    taker: {
      value(rule, text, at) {
        const named = namedBy(rule, text, at);
        const place = named === null ? undefined : places.get(named.name);
        if (named === null || place === undefined) return;
        found.add(named.name);
        const end = base + at.valueEnd;
        edits.push({ start: end - at.valueBytes, end, text: text.startsWith("files/") ? place.name : place.uri });
      },
    },
  });
  for (const chunk of body.chunks) {
    scanFields(scan, chunk);
    base += chunk.length;
  }
  if (found.size < places.size) return null;
  const chunks = splice(body.chunks, edits, bytes);
  const length = chunks.reduce((sum, chunk) => sum + chunk.length, 0);
  return { chunks: length <= joinedBytes ? [bytes.concat(chunks)] : chunks, length };
}

// --- helpers ---

/** Offsets in the whole body. */
interface Edit {
  start: number;
  end: number;
  text: string;
}

/** @param edits in rising order, apart from each other */
function splice(chunks: readonly Uint8Array[], edits: readonly Edit[], bytes: Bytes): Uint8Array[] {
  const pieces: Uint8Array[] = [];
  let base = 0;
  let next = 0;
  /** Up to here everything is in `pieces`, or replaced. */
  let done = 0;
  for (const chunk of chunks) {
    const end = base + chunk.length;
    while (done < end) {
      const edit = edits[next];
      const until = edit === undefined ? end : Math.min(end, edit.start);
      if (done < until) {
        pieces.push(chunk.subarray(done - base, until - base));
        done = until;
      }
      if (edit === undefined || done < edit.start || done >= end) break;
      pieces.push(bytes.encode(edit.text));
      done = edit.end;
      next += 1;
    }
    base = end;
  }
  return pieces;
}
