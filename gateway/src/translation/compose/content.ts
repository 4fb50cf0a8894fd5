/**
 * Gemini's contents, as far as they are written here.
 * @module
 */
import type { JsonObject, TurnPart } from "../types.ts";

/** One content of the request. */
export interface Content {
  role: "user" | "model";
  /** Never empty in the end. */
  parts: JsonObject[];
}

export type CallPart = Extract<TurnPart, { kind: "call" }>;
export type ResultPart = Extract<TurnPart, { kind: "result" }>;
export type MediaPart = Extract<TurnPart, { kind: "media" | "file" }>;
