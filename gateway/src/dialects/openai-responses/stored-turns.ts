/**
 * What is kept of a response for the requests that go on from it, and how requests name it.
 * @module
 */
import { isObject, listOf, textOf } from "./json-values.ts";

/** Input and output items of a response and of all before it, as a client would send them. Out of a store: not checked. */
export type StoredTurns = readonly unknown[];

/**
 * The id of an item says which response it belongs to: clients that rely on `store` send references to items alone, and
 * name no response (fact sheet translation 2.2, `item_reference`).
 * @param options.responseId `resp_…`
 * @param options.prefix kind of the item, such as `msg`; no underscore
 * @returns 35 characters or so; OpenAI takes 64 at most
 */
export function itemId(options: { prefix: string; responseId: string; index: number }): string {
  const { prefix, responseId, index } = options;
  return `${prefix}_${responseId.slice(responsePrefix.length)}_${index.toString(36)}`;
}

/** The id of a response. @param random url-safe, 24 characters */
export function responseIdOf(random: string): string {
  return responsePrefix + random;
}

/**
 * The response that an item of ours belongs to.
 * @returns null: the id is not one of ours
 */
export function responseOfItem(id: string): string | null {
  const random = /^[a-z]+_([\w-]{8,48})_[0-9a-z]{1,4}$/.exec(id)?.[1];
  return random === undefined ? null : responsePrefix + random;
}

/**
 * The request's whole input as items: those of the response that it names, then its own, references replaced by what they
 * refer to. A reference to something unknown is left out, since its loss is smaller than a refusal.
 * @param input a text, or the list that the client sent
 */
export function wholeInput(options: {
  input: unknown;
  previous: StoredTurns | null;
  /** The response is named: its items come first. Else they only answer references. */
  isContinued: boolean;
}): { items: unknown[]; offset: number } {
  const known = new Map<string, unknown>();
  for (const item of options.previous ?? []) {
    const id = isObject(item) ? textOf(item["id"]) : null;
    if (id !== null) known.set(id, item);
  }
  const own: unknown[] = [];
  if (typeof options.input === "string") own.push({ type: "message", role: "user", content: options.input });
  for (const item of listOf(options.input)) {
    const isReference = isObject(item) && isItemReference(item);
    own.push(isReference ? (known.get(textOf(item["id"]) ?? "") ?? unknownReference) : item);
  }
  const before = options.isContinued ? listOf(options.previous) : [];
  return { items: [...before, ...own], offset: before.length };
}

// --- helpers ---

const responsePrefix = "resp_";
/** Stands in its place, so that positions in problems stay those of the client. Read as nothing. */
const unknownReference = { type: "item_reference" };

/** A bare `{id}` is one too. */
function isItemReference(item: Record<string, unknown>): boolean {
  if (item["type"] === "item_reference") return true;
  return (item["type"] ?? null) === null && item["role"] === undefined && textOf(item["id"]) !== null;
}
