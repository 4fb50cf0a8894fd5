/**
 * Tokens as Google counts them (fact sheet upstream 6). One shape for every dialect and backend.
 * @module
 */

/**
 * Tokens of one answer. Every number is a count of tokens; absent on the wire means 0.
 * `promptTokens` includes `cachedTokens`; `outputTokens` excludes `thoughtsTokens`.
 */
export interface Usage {
  promptTokens: number;
  cachedTokens: number;
  outputTokens: number;
  thoughtsTokens: number;
  toolUseTokens: number;
  totalTokens: number;
  /** By modality, where Google told: `{prompt: {TEXT: 7}, cached: {}, output: {IMAGE: 1290}}`. Null when it did not. */
  modalities: UsageModalities | null;
  /** `standard`, `flex`, `priority`, or null when not told. */
  serviceTier: string | null;
}

/** Token counts by modality name (TEXT, IMAGE, AUDIO, VIDEO, DOCUMENT). */
export interface UsageModalities {
  prompt?: Record<string, number>;
  cached?: Record<string, number>;
  output?: Record<string, number>;
}
