/** @module Contents that must be kept - batch inputs and generated files - within one limit over the whole world. */

/** Contents of one world. */
export interface ByteStore {
  /** Keeps a copy; null when it does not fit. */
  keep(bytes: Buffer): KeptBytes | null;
  /** Bytes kept now. */
  size(): number;
}

/** A kept content. */
export interface KeptBytes {
  readonly bytes: Buffer;
  /** Gives the room back; once is enough. */
  release(): void;
}

/** @param limit Bytes, over everything kept. */
export function createByteStore(limit: number): ByteStore {
  let size = 0;
  return {
    keep: (bytes) => {
      if (size + bytes.length > limit) return null;
      size += bytes.length;
      let held = true;
      return {
        bytes: Buffer.from(bytes),
        release: () => {
          if (held) size -= bytes.length;
          held = false;
        },
      };
    },
    size: () => size,
  };
}
