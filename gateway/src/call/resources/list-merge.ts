/**
 * One list from the lists of several projects (fact sheet upstream 1.11: each answers for its own only). Projects are asked
 * one after the other; a client pages through all of them as if they were one.
 * @module
 */
import {
  elementsAt,
  endOfValue,
  isWholeObject,
  memberNamed,
  membersAt,
  skipSpace,
  stringAt,
  type Member,
} from "../../core/scan/json-text.ts";
import type { ResourceName } from "../../core/resources.ts";
import { toResource, toResourceOf } from "./names.ts";
import { parseListQuery, parsePageToken, toListTarget, toPageToken, type ListPosition } from "./page-token.ts";

/** One project's page, read. */
export interface ListPage {
  /** Canonical names of its items, for the question what the client may see. */
  readonly names: readonly ResourceName[];
  /** Adds the items with these names to the list. Once for each page, in the order in which they were read. */
  accept(visible: readonly ResourceName[]): void;
}

/** A list on its way. */
export interface ListMerge {
  /** The client's page token is none of the gateway's: to be refused. */
  readonly refused: boolean;
  /** The next project to ask is the first whose id is greater than this; null: the first of all. */
  readonly after: string | null;
  /** Nothing more is to be asked for this answer. */
  readonly full: boolean;
  /** No page was accepted yet. */
  readonly empty: boolean;
  /** Path and query for the next page, of this project. */
  target(projectId: string): string;
  /** @returns null when the body is no list */
  read(answer: { projectId: string; body: string }): ListPage | null;
  /** The answer, as JSON: with a page token when `full`, since there may be more. */
  body(): string;
}

/** Items that make a page when the client names no size. */
const defaultSize = 50;
/** Projects (and pages of them) that are asked for one answer; the client goes on from there. */
const mostPages = 40;
/** Characters of one answer after which no further page is asked for. */
const fullLength = 32 * 1024 * 1024;

/**
 * Begins a list.
 * @param options.field of the answer that holds the items, such as `files`
 * @param options.target path and query of the client's request
 */
export function createListMerge(options: { field: string; target: string }): ListMerge {
  const { field, target } = options;
  const asked = parseListQuery(target);
  const given = asked.pageToken === null ? null : parsePageToken(asked.pageToken);
  const items: string[] = [];
  let length = 0;
  let pages = 0;
  let position: ListPosition | null = given;
  /** Other fields of the first page that are no containers, as JSON text. */
  let others: string[] = [];
  let tokenField = "nextPageToken";
  let full = false;

  return {
    refused: asked.pageToken !== null && given === null,
    get after() {
      if (position === null) return null;
      return position.token === null ? position.projectId : justBefore(position.projectId);
    },
    get full() {
      return full;
    },
    get empty() {
      return pages === 0;
    },
    target(projectId) {
      const pageToken = position !== null && position.projectId === projectId ? position.token : null;
      const pageSize = asked.pageSize === null ? null : Math.max(1, asked.pageSize - items.length);
      return toListTarget(target, { pageSize, pageToken });
    },
    read({ projectId, body }) {
      const page = readPage(body, field);
      if (page === null) return null;
      return {
        names: page.items.flatMap(({ name }) => (name === null ? [] : [name])),
        accept: (visible) => accept(page, projectId, new Set(visible)),
      };
    },
    body() {
      const fields = [...others];
      // As Google does, an empty list leaves its field out.
      if (items.length > 0) fields.unshift(`${JSON.stringify(field)}: [\n    ${items.join(",\n    ")}\n  ]`);
      if (full && position !== null) fields.push(`"${tokenField}": ${JSON.stringify(toPageToken(position))}`);
      return fields.length === 0 ? "{}\n" : `{\n  ${fields.join(",\n  ")}\n}\n`;
    },
  };

  function accept(page: ReadPage, projectId: string, visible: ReadonlySet<ResourceName>): void {
    if (pages === 0) {
      others = page.others;
      tokenField = page.tokenField;
    }
    pages += 1;
    position = { projectId, token: page.nextPageToken };
    const before = items.length;
    for (const { name, text } of page.items) {
      if (name === null || !visible.has(name)) continue;
      items.push(text);
      length += text.length;
    }
    // Without a size, a page that the upstream found full is full.
    const isFullPage = asked.pageSize === null && page.nextPageToken !== null && items.length > before;
    full = isFullPage || items.length >= (asked.pageSize ?? defaultSize) || pages >= mostPages || length >= fullLength;
  }
}

// --- helpers ---

interface ReadPage {
  items: { name: ResourceName | null; text: string }[];
  nextPageToken: string | null;
  tokenField: string;
  others: string[];
}

function readPage(body: string, field: string): ReadPage | null {
  const text = body.charCodeAt(0) === 0xfeff ? body.slice(1) : body;
  if (!isWholeObject(text)) return null;
  const page: ReadPage = { items: [], nextPageToken: null, tokenField: "nextPageToken", others: [] };
  for (const member of membersAt(text, skipSpace(text, 0))) {
    if (member.key === field) {
      if (text.charCodeAt(member.start) !== 0x5b) return null;
      page.items = elementsAt(text, member.start).map(({ start, end }) => ({
        name: nameOf(text, start, field),
        text: text.slice(start, end),
      }));
    } else if (member.key === "nextPageToken" || member.key === "next_page_token") {
      page.tokenField = member.key;
      page.nextPageToken = stringAt(text, member) || null;
    } else if (!isContainer(text.charCodeAt(member.start)))
      // What else holds values might hold items under another name.
      page.others.push(`${JSON.stringify(member.key)}: ${text.slice(member.start, member.end)}`);
  }
  return page;
}

/** `{` or `[`. */
function isContainer(code: number): boolean {
  return code === 0x7b || code === 0x5b;
}

/** By its name; where the shape has none, by its id, or a file's address. */
function nameOf(text: string, at: number, field: string): ResourceName | null {
  const members = membersAt(text, at);
  const name = textOf(text, memberNamed(members, "name"));
  const named = name === null ? null : toResource(name);
  if (named !== null) return named.name;
  const id = textOf(text, memberNamed(members, "id"));
  return id === null ? null : (toResourceOf(field, id)?.name ?? null);
}

function textOf(text: string, member: Member | null): string | null {
  return member === null ? null : stringAt(text, { start: member.start, end: endOfValue(text, member.start) });
}

/** The greatest text that no id between it and the given one can be: a list goes on in the same project then. */
function justBefore(projectId: string): string {
  const last = projectId.charCodeAt(projectId.length - 1);
  const start = projectId.slice(0, -1);
  return last === 0 ? start : `${start}${String.fromCharCode(last - 1)}\uffff`;
}
