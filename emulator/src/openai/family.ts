/** @module The OpenAI surface's routes beside the models': batches and videos (fact sheet upstream 3). */

import type { Call, Route, RoutedPath } from "../http/call.ts";
import type { Result } from "../http/result.ts";
import { serveCreateBatch, serveGetBatch } from "./batches.ts";
import { peekVideo, serveCreateVideo, serveGetVideo } from "./videos.ts";

/** `/{v}/openai/batches[/{id}]`, `/{v}/openai/videos[/{id}]`; an id may come with the name of its collection. */
export function openaiFamily({ method, version, rest, upload }: RoutedPath): Route | null {
  if (upload) return null;
  const match = /^openai\/(batches|videos)(?:\/(?:\1\/)?([^/:]+))?$/.exec(rest);
  const [, collection, id] = match ?? [];
  const route = (operation: string, serve: (call: Call) => Result): Route => {
    const resource = id === undefined ? {} : { resource: id };
    return { surface: "openai", operation, version, model: null, serve, ...resource };
  };
  if (collection === "batches") {
    if (method === "POST" && id === undefined) return route("openaiCreateBatch", serveCreateBatch);
    return method === "GET" && id !== undefined ? { ...route("openaiGetBatch", serveGetBatch), free: true } : null;
  }
  if (collection !== "videos") return null;
  if (method === "POST" && id === undefined) {
    return { ...route("openaiCreateVideo", serveCreateVideo), peek: peekVideo };
  }
  return method === "GET" && id !== undefined ? { ...route("openaiGetVideo", serveGetVideo), free: true } : null;
}
