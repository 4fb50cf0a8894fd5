/**
 * Types of the dashboard's files.
 * @module
 */

/** Types by ending; others are not served. */
const types: Readonly<Record<string, string>> = {
  html: "text/html; charset=utf-8",
  js: "text/javascript; charset=utf-8",
  css: "text/css; charset=utf-8",
  svg: "image/svg+xml; charset=utf-8",
  png: "image/png",
  ico: "image/x-icon",
  webp: "image/webp",
  woff2: "font/woff2",
  json: "application/json; charset=utf-8",
  webmanifest: "application/manifest+json; charset=utf-8",
  txt: "text/plain; charset=utf-8",
};

/** @returns null: a file of this kind is not served */
export function contentTypeOf(path: string): string | null {
  const ending = /\.([a-z0-9]+)$/.exec(path)?.[1];
  return ending === undefined ? null : (types[ending] ?? null);
}

/** Whether the build puts a digest of the content into the name. */
export function isHashed(path: string): boolean {
  return /^assets\/.+-[\w-]{8,}\.[a-z0-9]+$/.test(path);
}
