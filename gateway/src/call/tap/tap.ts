/**
 * The tap on an answer: reads the bytes on their way out, tells when the answer can no longer be taken back, and at the
 * end what it cost and how it ended.
 *
 * Up to the commit point every byte is scanned. After it an event stream's chunks are only kept (by reference), and the
 * last events are read when the stream ends; a stream that outgrows the window is scanned as it comes. Unary answers and
 * JSON arrays are scanned throughout: that costs about 1 ns a byte of structure and next to nothing for base64.
 * @module
 */
import type { Bytes } from "../../core/ports.ts";
import type { AnswerTap, Framing, Surface, TapResult } from "../tap-types.ts";
import { scan } from "./scan.ts";
import { createScanState, isBetweenDocuments } from "./scan-state.ts";
import type { Findings, ScanState } from "./scan-state.ts";
import { parseUsage } from "./usage.ts";
import { walkBack } from "./walk-back.ts";

/** Bytes of a stream that are kept for the end, with `chunkCost` for each chunk. */
const windowBytes = 65_536;
/** What a kept chunk costs beside its bytes. */
const chunkCost = 96;

/**
 * A tap on one answer.
 *
 * Chunks of an event stream are kept by reference: they must not be overwritten before `end()`. Nothing throws, whatever
 * the bytes are. `empty` means something for generations only: an empty list is a good answer to a list call.
 * @param options.framing how the body is framed; JSON without `data:` is understood inside `sse`, arrays inside `unary`
 */
export function createTap(options: { framing: Framing; surface: Surface; bytes: Bytes }): AnswerTap {
  const { framing, surface, bytes } = options;
  const state = createScanState(bytes, surface, framing, framing === "sse");
  let kept: Uint8Array[] | null = null;
  let keptLength = 0;
  /** Where the paused scan stands: a chunk of `kept`, and an index in it. */
  let pausedChunk = 0;
  let pausedAt = 0;
  let result: TapResult | null = null;

  const tap: { -readonly [Key in keyof AnswerTap]: AnswerTap[Key] } = { committed: false, earlyError: null, push, end };
  return tap;

  function push(chunk: Uint8Array): void {
    if (chunk.length === 0 || result !== null) return;
    if (state.pauses) {
      kept ??= [];
      kept.push(chunk);
      keptLength += chunk.length + chunkCost;
      if (!tap.committed) {
        const at = scan(state, chunk, 0);
        if (state.shown) {
          pausedChunk = kept.length - 1;
          pausedAt = at;
        }
        noteStart();
      }
      if (keptLength > windowBytes) scanKept();
      return;
    }
    scan(state, chunk, 0);
    if (!tap.committed) noteStart();
  }

  function noteStart(): void {
    tap.committed = state.shown;
    if (state.early !== null && tap.earlyError === null) tap.earlyError = toError(state.early);
  }

  /** Catches up with the scan and keeps nothing from now on. */
  function scanKept(): void {
    state.pauses = false;
    const chunks = kept ?? [];
    kept = null;
    if (!tap.committed) return;
    for (let index = pausedChunk; index < chunks.length; index += 1)
      scan(state, chunks[index] as Uint8Array, index === pausedChunk ? pausedAt : 0);
  }

  function end(): TapResult {
    if (result !== null) return result;
    let found: Findings | null = null;
    if (state.pauses && tap.committed && kept !== null) found = walkBack(bytes, surface, kept);
    if (found === null) scanKept();
    result = toResult({ state, found: found ?? state.found, framing, surface, isWhole: found !== null });
    kept = null;
    return result;
  }
}

// --- helpers ---

function toResult(options: {
  state: ScanState;
  found: Findings;
  framing: Framing;
  surface: Surface;
  /** The last document is known to be whole. */
  isWhole: boolean;
}): TapResult {
  const { state, found, framing, surface } = options;
  const error = found.error === null ? null : toError(found.error);
  const isWhole = options.isWhole || (isBetweenDocuments(state) && (framing === "sse" || state.documents === 1));
  const hasEnded = framing === "unary" ? !state.odd : found.finish !== null || found.block !== null;
  return {
    usage: found.usage === null ? null : parseUsage(found.usage, surface),
    finishReason: found.finish,
    modelServed: found.model === null ? null : withoutPrefix(found.model),
    blockReason: found.block,
    error,
    empty: !state.shown && error === null,
    complete: isWhole && hasEnded && error === null,
  };
}

function withoutPrefix(model: string): string {
  return model.startsWith("models/") ? model.slice(7) : model;
}

/** The value of an `error` key in the tap's shape. */
function toError(json: string): TapResult["error"] {
  const body = `{"error":${json}}`;
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch {
    value = {};
  }
  if (typeof value === "string") return { code: null, status: null, message: value, body };
  const { code, status, message } = value as { code?: unknown; status?: unknown; message?: unknown };
  return {
    code: typeof code === "number" ? code : null,
    status: typeof status === "string" ? status : null,
    message: typeof message === "string" ? message : "",
    body,
  };
}
