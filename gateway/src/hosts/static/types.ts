/**
 * The dashboard's built files, as a front serves them.
 * @module
 */

/** One file with its precompressed variants. */
export interface StaticFile {
  contentType: string;
  /** Its name holds a digest of its content: it never changes. */
  immutable: boolean;
  /** Of the content, without quotes. */
  digest: string;
  plain: Uint8Array<ArrayBuffer>;
  gzip: Uint8Array<ArrayBuffer> | null;
  brotli: Uint8Array<ArrayBuffer> | null;
}

/** Files by their path below `/ui/`: `index.html`, `assets/index-B4x.js`. */
export type StaticFiles = ReadonlyMap<string, StaticFile>;
