/**
 * Stored responses (`store`, `previous_response_id`): a port, since hosts keep them differently.
 * @module
 */

/** A response as it is kept: what the next request needs of it. */
export interface StoredResponse {
  id: string;
  clientId: string;
  /** The model as the client asked for it. */
  model: string;
  /** JSON text of the dialect's own: the whole input and output so far. */
  turns: string;
  /** Epoch milliseconds. */
  createdAt: number;
}

/** Keeps responses for a while, each for its client only. Bounded by RESPONSES_STORE_BYTES and RESPONSES_TTL_MS. */
export interface ResponseArchive {
  /** Written later; lost at most with the process. */
  put(response: StoredResponse): void;
  /**
   * @param then called once, maybe at once; null: unknown, expired, of another client, or the store cannot be reached
   */
  get(question: { id: string; clientId: string; now: number }, then: (found: StoredResponse | null) => void): void;
  /** @param then with whether it was there */
  remove(question: { id: string; clientId: string }, then: (removed: boolean) => void): void;
}
