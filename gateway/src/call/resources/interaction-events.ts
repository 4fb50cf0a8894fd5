/**
 * The Interactions API answers with one JSON object, or with an event stream whose first event names the interaction.
 * The stream is read by lines only until that name was seen.
 * @module
 */
import type { Bytes } from "../../core/ports.ts";
import type { FieldAnswer } from "./field-answer.ts";

/** Feeds an answer of either form to a field reader. */
export interface InteractionEvents {
  push(chunk: Uint8Array): void;
  end(): void;
}

/** Bytes of a stream within which the interaction is named; an event's own bytes included. */
const longestStart = 65_536;

/** @param fields is given the JSON */
export function createInteractionEvents(fields: FieldAnswer, bytes: Bytes): InteractionEvents {
  let form: "unknown" | "json" | "events" | "done" = "unknown";
  let rest: Uint8Array = new Uint8Array(0);
  let seen = 0;

  return {
    push(chunk) {
      if (form === "unknown") form = formOf(chunk);
      if (form === "json") fields.push(chunk);
      else if (form === "events") readEvents(chunk);
    },
    end() {
      // The last line may have no end.
      if (form === "events" && rest.length > 0) readLine(rest);
      form = "done";
    },
  };

  function readEvents(chunk: Uint8Array): void {
    seen += chunk.length;
    const text = rest.length === 0 ? chunk : bytes.concat([rest, chunk]);
    let at = 0;
    for (;;) {
      const end = endOfLine(text, at);
      if (end < 0) break;
      readLine(text.subarray(at, end));
      if (fields.found || seen > longestStart) {
        form = "done";
        rest = new Uint8Array(0);
        return;
      }
      at = end + 1;
    }
    rest = text.slice(at);
    if (seen > longestStart) form = "done";
  }

  /** Lines end in LF, CR or both; the empty line between the two of a pair says nothing. */
  function endOfLine(text: Uint8Array, from: number): number {
    const feed = bytes.indexOf(text, "\n", from);
    const carriage = bytes.indexOf(text, "\r", from);
    return feed < 0 ? carriage : carriage < 0 ? feed : Math.min(feed, carriage);
  }

  function readLine(line: Uint8Array): void {
    if (bytes.indexOf(line.subarray(0, 5), "data:") !== 0) return;
    fields.push(line.subarray(5));
    fields.restart();
  }
}

// --- helpers ---

function formOf(chunk: Uint8Array): "unknown" | "json" | "events" {
  for (const byte of chunk) {
    if (byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09) continue;
    return byte === 0x7b || byte === 0x5b ? "json" : "events";
  }
  return "unknown";
}
