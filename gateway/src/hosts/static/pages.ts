/**
 * The dashboard under `/` and `/ui/`.
 * @module
 */
import { errorAnswer, type FrontAnswer, type FrontRequest } from "../front/answer.ts";
import { pageHeaders } from "../front/security-headers.ts";
import { answerFile } from "./answer-file.ts";
import type { StaticFile, StaticFiles } from "./types.ts";

/** Where the pages come from. A host with files of its own brings another one. */
export interface Pages {
  /** The application's page. */
  index(request: FrontRequest): Promise<FrontAnswer> | FrontAnswer;
  /**
   * A path below `/ui/`: a file, or the application's page for paths that it shows itself.
   * @param path without `/ui/` and without a query
   */
  below(path: string, request: FrontRequest): Promise<FrontAnswer> | FrontAnswer;
  /** A file by its path below `/ui/`; null: there is none. */
  file(path: string, request: FrontRequest): Promise<FrontAnswer | null> | FrontAnswer | null;
}

/** @param files null: the dashboard has not been built */
export function createPages(files: StaticFiles | null): Pages {
  const index = (request: FrontRequest): FrontAnswer => {
    const page = files?.get("index.html");
    return page === undefined ? notBuilt() : answerFile(page, request);
  };
  const file = (path: string, request: FrontRequest): FrontAnswer | null => {
    // A look into a table of what the build made: no path can lead out of it.
    const found: StaticFile | undefined = files?.get(path);
    return found === undefined ? null : answerFile(found, request);
  };
  return {
    index,
    file,
    below: (path, request) => file(path, request) ?? (isAsset(path) ? fileUnknown() : index(request)),
  };
}

/** Whether a path names a built file, and never a page of the application. */
export function isAsset(path: string): boolean {
  return path.startsWith("assets/");
}

/** A page of an older build asks for a file that is gone: it must not get a page in its place. */
export function fileUnknown(): FrontAnswer {
  return errorAnswer("path_unknown", { message: "The dashboard has no such file." });
}

/** Says how to build. Not 200: whoever checks the dashboard must see that it is not there. */
export function notBuilt(): FrontAnswer {
  return {
    status: 503,
    headers: ["content-type", "text/html; charset=utf-8", "cache-control", "no-store", ...pageHeaders],
    body: notBuiltPage,
  };
}

// --- helpers ---

const notBuiltPage = `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<title>gemini-proxy</title>
<h1>The dashboard has not been built</h1>
<p>The gateway runs and serves calls. Build its dashboard with <code>npm run dashboard</code> in the repository, then start
the gateway again (<code>npm start</code> does both). The published package brings it along.</p>
<p>Without it there are the command line (<code>gemini-proxy --help</code>) and the admin API under
<code>/admin/api/v1/</code>.</p>
</html>
`;
