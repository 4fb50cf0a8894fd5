/**
 * Where in an answer the things stand that the tap looks for, as a tree of places. The scanner walks this tree; whatever
 * is not in it is skipped without being read, so a key of the same name in a function's arguments or in the model's
 * text is never taken for the real one.
 *
 * Numbers instead of objects: the scanner compares them for every byte of structure.
 * @module
 */

/** Leaves: what to do with a value. */
export const SKIP = 0;
/** The value is content if it says anything: a non-empty string or array, an object, a number, `true`. */
export const SHOW = 1;
export const FINISH = 2;
export const MODEL = 3;
export const BLOCK = 4;
export const USAGE = 5;
export const ERROR = 6;
/** `interaction.status`: a finish reason once it is no longer `in_progress` or `queued`. */
export const STATUS = 7;

/** Arrays whose elements are places: numbers from here on. */
export const FIRST_ARRAY = 8;
/** A root array: `json-array` answers, and errors that Google wraps in an array. */
export const ROOTS = 8;
const CANDIDATES = 9;
const PARTS = 10;
const CHOICES = 11;

/** Objects whose keys are places: numbers from here on. */
export const FIRST_OBJECT = 16;
/** The root object of Google's own shape (generateContent, embeddings, Interactions). */
export const GEMINI = 16;
const CANDIDATE = 17;
const CONTENT = 18;
const PART = 19;
const FEEDBACK = 20;
const INTERACTION = 21;
/** The root object of Google's OpenAI surface. */
export const OPENAI = 22;
const CHOICE = 23;
const DELTA = 24;

/** No place: outside of any document. */
export const NONE = -1;

/** Parent of each place. A root's parent depends on the document and is not told here. */
export const parentOf: readonly number[] = toList(
  {
    [CANDIDATES]: GEMINI,
    [CANDIDATE]: CANDIDATES,
    [CONTENT]: CANDIDATE,
    [PARTS]: CONTENT,
    [PART]: PARTS,
    [FEEDBACK]: GEMINI,
    [INTERACTION]: GEMINI,
    [CHOICES]: OPENAI,
    [CHOICE]: CHOICES,
    [DELTA]: CHOICE,
  },
  NONE,
);

/** Place of the elements of each array. Those of ROOTS depend on the surface. */
export const elementOf: readonly number[] = toList({ [CANDIDATES]: CANDIDATE, [PARTS]: PART, [CHOICES]: CHOICE }, SKIP);

interface Key {
  bytes: readonly number[];
  place: number;
}

/** Keys of each object by their length: most lookups see one or none. */
const keysOf: readonly (readonly (readonly Key[] | undefined)[])[] = toList(
  {
    [GEMINI]: toKeys(
      { candidates: CANDIDATES, usageMetadata: USAGE, modelVersion: MODEL, promptFeedback: FEEDBACK, error: ERROR },
      { interaction: INTERACTION, usage: USAGE, model: MODEL, prompt_feedback: FEEDBACK },
      toSkipped("responseId createTime modelStatus id object created updated status service_tier"),
      toSkipped("event_type event_id interaction_id index"),
    ),
    [CANDIDATE]: toKeys({ content: CONTENT, finishReason: FINISH }),
    [CONTENT]: toKeys({ parts: PARTS }),
    [PART]: toKeys(toSkipped("thought thoughtSignature thought_signature partMetadata videoMetadata mediaResolution")),
    [FEEDBACK]: toKeys({ blockReason: BLOCK, block_reason: BLOCK }),
    [INTERACTION]: toKeys({ usage: USAGE, model: MODEL, status: STATUS }),
    [OPENAI]: toKeys(
      { choices: CHOICES, usage: USAGE, model: MODEL, error: ERROR },
      toSkipped("id object created system_fingerprint service_tier"),
    ),
    [CHOICE]: toKeys({ delta: DELTA, message: DELTA, finish_reason: FINISH, text: SHOW }),
    [DELTA]: toKeys(toSkipped("role extra_content name")),
  },
  [],
);

/**
 * What an unknown key means. In a part, a delta and at the root it is content: parts that do not exist yet must reach
 * the client, and answers that are no generations (embeddings, lists, files) are never empty.
 */
const unknownKeyOf: readonly number[] = toList({ [GEMINI]: SHOW, [PART]: SHOW, [OPENAI]: SHOW, [DELTA]: SHOW }, SKIP);

/**
 * Place of a key's value.
 * @param place the object that the key stands in
 * @param bytes holds the key
 * @param start index of its first byte, after the quote
 * @param end index of the closing quote
 * @returns a leaf, an array or an object of this module
 */
export function placeOfKey(place: number, bytes: Uint8Array, start: number, end: number): number {
  const keys = (keysOf[place] as readonly (readonly Key[] | undefined)[])[end - start];
  if (keys !== undefined) {
    for (let index = 0; index < keys.length; index += 1) {
      const { bytes: name, place: found } = keys[index] as Key;
      let at = 0;
      while (at < name.length && bytes[start + at] === name[at]) at += 1;
      if (at === name.length) return found;
    }
  }
  return unknownKeyOf[place] as number;
}

// --- helpers ---

function toKeys(...groups: Record<string, number>[]): Key[][] {
  const keys: Key[][] = [];
  for (const [name, place] of groups.flatMap((group) => Object.entries(group))) {
    while (keys.length <= name.length) keys.push([]);
    keys[name.length]?.push({ bytes: [...name].map((char) => char.charCodeAt(0)), place });
  }
  return keys;
}

function toSkipped(names: string): Record<string, number> {
  return Object.fromEntries(names.split(" ").map((name) => [name, SKIP]));
}

function toList<Value>(values: Record<number, Value>, otherwise: Value): Value[] {
  return Array.from({ length: DELTA + 1 }, (_, place) => values[place] ?? otherwise);
}
