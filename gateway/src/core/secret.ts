/**
 * A type for secrets: what is wrapped here prints as `[secret]` in logs, JSON and string building.
 * `reveal()` is allowed in `vault/` and `backends/` only (a lint rule checks it).
 * @module
 */

/** A wrapped secret string. */
export interface Secret {
  /** The plain text. Only where it is about to be sent or encrypted. */
  reveal(): string;
  toString(): string;
  toJSON(): string;
}

/**
 * Wraps a secret.
 * @param plain the secret text
 * @returns an object that only gives the text through `reveal()`
 */
export function toSecret(plain: string): Secret {
  return {
    reveal: () => plain,
    toString: () => "[secret]",
    toJSON: () => "[secret]",
  };
}
