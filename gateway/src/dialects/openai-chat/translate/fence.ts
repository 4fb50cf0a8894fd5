/**
 * Takes a Markdown fence away from around an answer that is to be JSON (fact sheet translation 1.5). Of a stream it holds
 * back just what could still be part of a fence.
 * @module
 */

/** A filter for one answer. */
export interface FenceFilter {
  /** The text that can go out now. */
  push(text: string): string;
  /** What was held. */
  end(): string;
  /** Whether something was taken away. */
  readonly hasStripped: boolean;
  /** Characters taken away before the text. */
  readonly leading: number;
}

/** Makes a filter. */
export function createFenceFilter(): FenceFilter {
  let state: "start" | "inside" | "plain" = "start";
  let held = "";
  let leading = 0;

  const begin = (text: string): string => {
    const opening = /^\s*```(?:json)?[ \t]*(?:\r?\n|(?=[{[]))/i.exec(text);
    if (opening !== null) {
      state = "inside";
      leading = opening[0].length;
      return inside(text.slice(leading));
    }
    if (
      text.length <= longestOpening &&
      /^\s*(?:`{0,3}|```j|```js|```jso|```json[ \t]*\r?|```[ \t]*\r?)$/i.test(text)
    ) {
      held = text;
      return "";
    }
    state = "plain";
    return text;
  };

  const inside = (text: string): string => {
    const tail = startOfTail(text);
    held = text.slice(tail);
    return text.slice(0, tail);
  };

  return {
    push(text) {
      if (state === "plain") return text;
      const whole = held + text;
      held = "";
      return state === "start" ? begin(whole) : inside(whole);
    },
    end() {
      const rest = held;
      held = "";
      return state === "inside" && /^\s*```\s*$/.test(rest) ? "" : rest;
    },
    get hasStripped() {
      return state === "inside";
    },
    get leading() {
      return leading;
    },
  };
}

// --- helpers ---

/** A fence, and a few blank lines before it. */
const longestOpening = 64;
/** A model may write blank lines without end: they are not held for ever. */
const longestTail = 1024;

/** Where what could be a closing fence begins: blanks, up to three ticks, blanks, to the end. */
function startOfTail(text: string): number {
  let at = skipBlanksBack(text, text.length);
  let ticks = 0;
  while (ticks < 3 && at > 0 && text.charCodeAt(at - 1) === 0x60) {
    at -= 1;
    ticks += 1;
  }
  if (ticks > 0) at = skipBlanksBack(text, at);
  return text.length - at > longestTail ? text.length : at;
}

function skipBlanksBack(text: string, from: number): number {
  let at = from;
  while (at > 0 && isBlank(text.charCodeAt(at - 1))) at -= 1;
  return at;
}

function isBlank(code: number): boolean {
  return code === 0x20 || (code >= 0x09 && code <= 0x0d);
}
