/** @module Google's services, as faults, scripts and the record tell them apart. */

/** Which of Google's services a path belongs to; Live is `native`. */
export type Surface = "native" | "openai" | "code-assist" | "oauth";
