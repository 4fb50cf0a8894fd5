/**
 * Events of a stream as text: each with its `event:` line and the next sequence number.
 * @module
 */
import type { JsonObject } from "../../translation/types.ts";

/** Gathers events until they are taken. */
export interface EventLog {
  /** @param fields without `type` and `sequence_number`; at least one */
  emit(type: string, fields: JsonObject): void;
  /** Of an item at a place in the output. */
  emitAt(index: number, type: string, fields: JsonObject): void;
  /** A piece of text: most events are one, so it is put together by hand. `id`: needs no escape. */
  emitText(index: number, id: string, delta: string): void;
  /** With the response object as it is, already JSON. */
  emitResponse(type: string, responseText: string): void;
  /** What is to be sent now; empty: nothing. */
  take(): string;
}

/** @param options.stream false: nothing is written, `take` gives the empty string */
export function createEventLog({ stream }: { stream: boolean }): EventLog {
  let sequence = 0;
  let text = "";
  return {
    emit(type, fields) {
      if (!stream) return;
      text += `event: ${type}\ndata: {"type":"${type}",${inner(fields)},"sequence_number":${sequence++}}\n\n`;
    },
    emitAt(index, type, fields) {
      if (!stream) return;
      text += `event: ${type}\ndata: {"type":"${type}","output_index":${index},${inner(fields)},"sequence_number":${sequence++}}\n\n`;
    },
    emitText(index, id, delta) {
      if (!stream) return;
      text += `event: response.output_text.delta\ndata: {"type":"response.output_text.delta","output_index":${index},"item_id":"${id}","content_index":0,"delta":${JSON.stringify(delta)},"logprobs":[],"sequence_number":${sequence++}}\n\n`;
    },
    emitResponse(type, responseText) {
      if (!stream) return;
      text += `event: ${type}\ndata: {"type":"${type}","response":${responseText},"sequence_number":${sequence++}}\n\n`;
    },
    take() {
      const taken = text;
      text = "";
      return taken;
    },
  };
}

/** OpenAI's own streams end without it; the OpenResponses specification wants it, and no client minds. */
export const endOfStream = "data: [DONE]\n\n";

// --- helpers ---

function inner(fields: JsonObject): string {
  return JSON.stringify(fields).slice(1, -1);
}
