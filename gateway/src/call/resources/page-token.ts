/**
 * Page tokens of lists that are merged from several projects: where to go on, in which project. And the query of a list.
 * @module
 */
import { decodeOnce } from "./names.ts";

/** Where a list goes on. */
export interface ListPosition {
  projectId: string;
  /** The upstream's token for the next page of this project; null: the project is done. */
  token: string | null;
}

const version = "gpl1";
const longestToken = 8_192;

/** Writes a token: URL-safe text that clients only hand back. */
export function toPageToken({ projectId, token }: ListPosition): string {
  const parts = [projectId, ...(token === null ? [] : [token])].map((part) =>
    // Half a surrogate pair cannot be encoded; no token of Google's has one.
    encodeURIComponent(part.replace(/\p{Cs}/gu, "\ufffd")),
  );
  return version + btoa(parts.join(" ")).replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "");
}

/** @returns null for what is no token of the gateway's */
export function parsePageToken(text: string): ListPosition | null {
  if (!text.startsWith(version) || text.length > longestToken || !/^[\w-]+$/.test(text)) return null;
  try {
    const parts = atob(text.slice(version.length).replaceAll("-", "+").replaceAll("_", "/"))
      .split(" ")
      .map((part) => decodeURIComponent(part));
    const [projectId, token] = parts;
    if (parts.length > 2 || projectId === undefined || projectId === "" || token === "") return null;
    const position: ListPosition = { projectId, token: token ?? null };
    // One text for each position: nothing is hidden in padding or other spellings.
    return toPageToken(position) === text ? position : null;
  } catch {
    return null;
  }
}

/** What a list's query asks for. */
export interface ListQuery {
  /** Null: not given, or no number above 0. */
  pageSize: number | null;
  /** Null: the beginning. */
  pageToken: string | null;
}

/** @param target path and query */
export function parseListQuery(target: string): ListQuery {
  const query: ListQuery = { pageSize: null, pageToken: null };
  for (const [name, value] of pairsOf(target)) {
    if (sizeNames.has(name)) query.pageSize = /^\d{1,9}$/.test(value) && Number(value) > 0 ? Number(value) : null;
    if (tokenNames.has(name)) query.pageToken = value === "" ? null : value;
  }
  return query;
}

/**
 * The target for one project's page.
 * @param target path and query as the client sent them; everything but the two parameters stays
 * @param page `pageSize` null: as the client had it; `pageToken` null: none
 */
export function toListTarget(target: string, page: ListQuery): string {
  const mark = target.indexOf("?");
  const path = mark < 0 ? target : target.slice(0, mark);
  const kept = rawPairs(target).filter((pair) => {
    const name = nameOf(pair);
    return !tokenNames.has(name) && (page.pageSize === null || !sizeNames.has(name));
  });
  if (page.pageSize !== null) kept.push(`pageSize=${page.pageSize}`);
  if (page.pageToken !== null) kept.push(`pageToken=${encodeURIComponent(page.pageToken)}`);
  return kept.length === 0 ? path : `${path}?${kept.join("&")}`;
}

// --- helpers ---

/** Google takes both spellings. */
const sizeNames: ReadonlySet<string> = new Set(["pageSize", "page_size"]);
const tokenNames: ReadonlySet<string> = new Set(["pageToken", "page_token"]);

function rawPairs(target: string): string[] {
  const mark = target.indexOf("?");
  return mark < 0
    ? []
    : target
        .slice(mark + 1)
        .split("&")
        .filter((pair) => pair !== "");
}

function pairsOf(target: string): [string, string][] {
  return rawPairs(target).map((pair) => {
    const equals = pair.indexOf("=");
    return [nameOf(pair), equals < 0 ? "" : decodeOnce(pair.slice(equals + 1).replaceAll("+", "%20"))];
  });
}

function nameOf(pair: string): string {
  return decodeOnce(pair.split("=", 1)[0] as string);
}
