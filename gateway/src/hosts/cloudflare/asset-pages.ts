/**
 * The dashboard out of Workers Assets (wrangler.jsonc, `assets`). The platform keeps the files and compresses them; the
 * headers are the same as everywhere.
 * @module
 */
import type { FrontAnswer, FrontRequest } from "../front/answer.ts";
import { fileHeaders, pageHeaders } from "../front/security-headers.ts";
import { contentTypeOf, isHashed } from "../static/content-types.ts";
import { fileUnknown, isAsset, notBuilt, type Pages } from "../static/pages.ts";
import type { AssetsBinding } from "./runtime.ts";

/** @param assets undefined: none are bound, so there is no dashboard */
export function createAssetPages(assets: AssetsBinding | undefined): Pages {
  const index = async (request: FrontRequest): Promise<FrontAnswer> =>
    (await ask(assets, "index.html", request)) ?? notBuilt();
  return {
    index,
    file: (path, request) => ask(assets, path, request),
    below: async (path, request) =>
      (await ask(assets, path, request)) ?? (isAsset(path) ? fileUnknown() : index(request)),
  };
}

// --- helpers ---

/** @returns null: there is no such file, or it is of no kind that is served */
async function ask(
  assets: AssetsBinding | undefined,
  path: string,
  request: Pick<FrontRequest, "header">,
): Promise<FrontAnswer | null> {
  const contentType = contentTypeOf(path);
  if (assets === undefined || contentType === null) return null;
  const tag = request.header("if-none-match");
  // The binding looks at the path only; a path that is no URL is no file.
  if (!/^[\w./-]+$/.test(path)) return null;
  const found = await assets.fetch(`https://assets.invalid/${path}`, {
    headers: tag === null ? {} : { "if-none-match": tag },
  });
  if (found.status !== 200 && found.status !== 304) {
    await found.body?.cancel();
    return null;
  }
  const etag = found.headers.get("etag");
  const headers = [
    ...(etag === null ? [] : ["etag", etag]),
    "cache-control",
    isHashed(path) ? "public, max-age=31536000, immutable" : "no-cache",
    ...(/^(?:text\/html|image\/svg)/.test(contentType) ? pageHeaders : fileHeaders),
  ];
  if (found.status === 304) return { status: 304, headers, body: "" };
  return {
    status: 200,
    headers: [...headers, "content-type", contentType],
    body: new Uint8Array(await found.arrayBuffer()),
  };
}
