/**
 * The last part of an answer that streams by, by reference: the last signature of a generation stands in its last events,
 * and to search each small chunk as it comes costs many times as much as to search them together at the end.
 * @module
 */
import type { AnswerNames, AnswerNamesParts, FoundResource } from "./resources/answer-names.ts";
import { createAnswerNames } from "./resources/answer-names.ts";

/** Bytes that are kept at least, when there are so many. */
const windowBytes = 65_536;
/** Stands where a chunk was. */
const gone = new Uint8Array(0);

/** Chunks, the newest last. Bounded: some more than 64 KB, or one chunk. A class, as one is made for many calls. */
export class RecentChunks {
  #chunks: Uint8Array[] = [];
  #first = 0;
  #bytes = 0;

  /** Keeps a chunk; it must not be changed afterwards. */
  push(chunk: Uint8Array): void {
    this.#chunks.push(chunk);
    this.#bytes += chunk.length;
    while (this.#bytes - (this.#chunks[this.#first] as Uint8Array).length >= windowBytes) {
      this.#bytes -= (this.#chunks[this.#first] as Uint8Array).length;
      // At once: a thousand chunks would be megabytes a stream. The list itself is cut from time to time.
      this.#chunks[this.#first] = gone;
      this.#first += 1;
    }
    if (this.#first < 1_024) return;
    this.#chunks = this.#chunks.slice(this.#first);
    this.#first = 0;
  }

  /** What is kept, in order. */
  chunks(): readonly Uint8Array[] {
    return this.#first === 0 ? this.#chunks : this.#chunks.slice(this.#first);
  }
}

/** Reads a generation's answer when it has ended. */
export class LateAnswerNames implements AnswerNames {
  readonly #parts: AnswerNamesParts;
  readonly #recent = new RecentChunks();

  constructor(parts: AnswerNamesParts) {
    this.#parts = parts;
  }

  push(chunk: Uint8Array): void {
    this.#recent.push(chunk);
  }

  end(): FoundResource[] {
    const { bytes } = this.#parts;
    const last = bytes.concat(this.#recent.chunks());
    // Most answers have neither thoughtSignature nor continuationToken. Forwards and from a rare letter: a tenth of the time
    // that a search backwards for a common one takes.
    if (bytes.indexOf(last, 'Signature"') < 0 && bytes.indexOf(last, 'Token"') < 0) return [];
    const names = createAnswerNames(this.#parts);
    names.push(last);
    return names.end();
  }
}
