/**
 * The JSON forms of key lists, see keys.ts.
 * @module
 */
import type { KeyEntry, KeyOptions } from "./keys-entry.ts";
import { firstText, readExtras } from "./keys-fields.ts";

/** Fields that hold the key, the surest first. */
export const secretFields = ["api_key_value", "apiKeyValue", "apiKey", "api_key", "secret", "key", "value"] as const;
/** Fields that hold its name. */
export const nameFields = ["name", "title", "label"] as const;

/** Where a value stands in the text. */
export interface Standing {
  /** `entry 2`; empty: the whole text. */
  place: string;
  /** How deep it is nested. */
  depth: number;
  options: KeyOptions;
}

/**
 * Candidates in a JSON text.
 * @param text starts with `[` or `{`
 * @returns entries in order; one refusal when it is not JSON
 */
export function entriesOfJson(text: string, options: KeyOptions): KeyEntry[] {
  const value = parse(text);
  if (value === undefined)
    return [
      { place: "the whole text", reason: "starts like JSON but is not valid JSON; check quotes, commas and brackets" },
    ];
  return entriesOf(value, { place: "", depth: 0, options });
}

/**
 * Candidates in one object: an entry, or something that holds a list of them.
 * @param at where it stands
 */
export function entriesOfObject(object: Record<string, unknown>, at: Standing): KeyEntry[] {
  const here = at.place || "the whole text";
  for (const field of listFields) if (Array.isArray(object[field])) return entriesOf(object[field], deeper(at));
  if (typeof object["private_key"] === "string")
    return [{ place: here, reason: "is a service account, not an API key" }];
  if (typeof object["refresh_token"] === "string" || typeof object["access_token"] === "string")
    return [{ place: here, reason: "is an OAuth account, not an API key" }];

  const present = secretFields.filter((field) => firstText(object, [field]) !== null);
  if (present.length === 0) return entriesOfMap(object, at);

  let secretField: string = present[0] as string;
  let name = firstText(object, nameFields);
  if (present.includes("key") && present.includes("value") && (secretField === "key" || secretField === "value")) {
    const choice = chooseOfPair((object["key"] as string).trim(), (object["value"] as string).trim());
    if (choice === null)
      return [
        { place: here, reason: "has a long 'key' and a long 'value'; use 'name' and 'key' to say which is which" },
      ];
    secretField = choice;
    name ??= (object[choice === "key" ? "value" : "key"] as string).trim();
  }
  const secret = (object[secretField] as string).trim();
  if (/^[[{]/.test(secret)) {
    // The value of a key-value entry can be a whole list as text, such as {"keys": […]}.
    const inner = parse(secret);
    return inner === undefined
      ? [{ place: here, reason: "starts like JSON but is not valid JSON" }]
      : entriesOf(inner, deeper(at));
  }
  const read = readExtras(object, at.options);
  return [
    "reason" in read ? { place: here, reason: read.reason } : { place: here, key: { name, secret, ...read.extras } },
  ];
}

// --- helpers ---

const listFields = ["api_keys", "apiKeys", "keys"] as const;

function deeper(at: Standing, place: string = at.place): Standing {
  return { ...at, place, depth: at.depth + 1 };
}

function entriesOf(value: unknown, at: Standing): KeyEntry[] {
  const here = at.place || "the whole text";
  // Forms nest at most: a list in an export file in the text of a key-value entry. Anything deeper is not a key list.
  if (at.depth > 4) return [{ place: here, reason: "is nested too deeply" }];
  if (Array.isArray(value))
    return value.flatMap((item: unknown, index) =>
      entriesOf(item, deeper(at, `${at.place === "" ? "" : `${at.place}, `}entry ${index + 1}`)),
    );
  if (typeof value === "string") return [{ place: here, key: { name: null, secret: value.trim() } }];
  if (typeof value !== "object" || value === null) return [{ place: here, reason: "is neither a text nor an object" }];
  return entriesOfObject(value as Record<string, unknown>, at);
}

/** `{"work": "…", "home": "…"}`: names to secrets, as the whole text only. */
function entriesOfMap(object: Record<string, unknown>, { place, depth }: Standing): KeyEntry[] {
  const pairs = Object.entries(object);
  const isMap = depth === 0 && pairs.length > 0 && pairs.every(([, value]) => typeof value === "string");
  if (!isMap || nameFields.some((field) => field in object))
    return [
      {
        place: place || "the whole text",
        reason: "has no field 'key', 'value', 'apiKey' or 'api_key_value' with a text",
      },
    ];
  return pairs.map(([name, value], index) => ({
    place: `entry ${index + 1}`,
    key: { name, secret: (value as string).trim() },
  }));
}

/**
 * In a pair of `key` and `value`, a proxy's key-value store puts a label (`key_0`) in `key` and the secret in `value`;
 * people also write it the other way round. Null: cannot be told.
 */
function chooseOfPair(key: string, value: string): "key" | "value" | null {
  if (value.length < 10 && key.length >= 10) return "key";
  if (isLabel(key)) return "value";
  return isLabel(value) ? "key" : null;
}

function isLabel(text: string): boolean {
  return text.length < 30 || /\s/.test(text);
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}
