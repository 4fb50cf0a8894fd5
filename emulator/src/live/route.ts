/** @module Which Live method a path names (fact sheet upstream 9). */

/** What a session speaks: content, or the music of Lyria RealTime. */
export type LiveMethod = "BidiGenerateContent" | "BidiGenerateContentConstrained" | "BidiGenerateMusic";

/** A Live method of some version. */
export interface LiveRoute {
  method: LiveMethod;
  /** e.g. `v1beta`. */
  version: string;
  /** As the record and faults name it. */
  operation: "bidiGenerateContent" | "bidiGenerateMusic";
}

/** Whether an address, path and query, is one of Live. The js SDK writes `//ws/` when its base URL ends in a slash, as its default does. */
export function isLiveUrl(url: string): boolean {
  return /^\/+ws\//.test(url);
}

/** Routes a decoded path without its query; null for what nobody serves. */
export function parseLiveRoute(path: string): LiveRoute | null {
  const match = /^\/ws\/google\.ai\.generativelanguage\.(v\w+)\.GenerativeService\.(\w+)$/.exec(
    path.replace(/^\/+/, "/"),
  );
  const [, version = "", method = ""] = match ?? [];
  if (method === "BidiGenerateMusic") return { method, version, operation: "bidiGenerateMusic" };
  if (method !== "BidiGenerateContent" && method !== "BidiGenerateContentConstrained") return null;
  return { method, version, operation: "bidiGenerateContent" };
}
