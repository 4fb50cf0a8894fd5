/**
 * Takes the fence off a JSON answer: models that were asked for JSON sometimes wrap it in Markdown (fact sheet translation
 * 1.5). Works on pieces of a stream; what is no fence goes through as it came.
 * @module
 */

/** Reads the texts of one answer, in order. */
export interface FenceStripper {
  /** @returns the text to write now, maybe "" while it may still be a fence */
  push(text: string): string;
  /** After the last text: what was kept back and was no fence. Begins anew. */
  end(): string;
}

/** Makes one. Only for answers that shall be JSON: other texts may begin with a fence of their own. */
export function createFenceStripper(): FenceStripper {
  let state: "start" | "fenced" | "plain" = "start";
  let kept = "";
  const inside = (text: string): string => {
    const whole = kept + text;
    // A closing fence is the last line; anything after it shows that it was none.
    kept = whole.slice(startOfTail(whole));
    return whole.slice(0, whole.length - kept.length);
  };
  return {
    push(text) {
      if (state === "plain") return text;
      if (state === "fenced") return inside(text);
      kept += text;
      const opening = /^\s*```[A-Za-z]*[^\S\n]*\n/.exec(kept);
      if (opening !== null) {
        state = "fenced";
        const rest = kept.slice(opening[0].length);
        kept = "";
        return inside(rest);
      }
      if (kept.length < longestKept && /^\s*(?:`{1,2}|```[A-Za-z]*[^\S\n]*)?$/.test(kept)) return "";
      state = "plain";
      const out = kept;
      kept = "";
      return out;
    },
    end() {
      const out = state === "fenced" && /^\s*\n```\s*$/.test(kept) ? "" : kept;
      state = "start";
      kept = "";
      return out;
    },
  };
}

// --- helpers ---

/** White space and a fence's own characters; more of them is no fence. */
const longestKept = 256;

/**
 * Where what could be a closing fence begins: blanks, maybe a line that begins with ticks, blanks, to the end. Without a
 * pattern: over blanks with something behind them one takes cubic time, and models do write blanks without end.
 */
function startOfTail(text: string): number {
  const least = Math.max(0, text.length - longestKept);
  const blanks = skipBlanksBack(text, text.length, least);
  let at = blanks;
  while (at > least && blanks - at < 3 && text[at - 1] === "`") at -= 1;
  return at < blanks && text[at - 1] === "\n" ? skipBlanksBack(text, at, least) : blanks;
}

function skipBlanksBack(text: string, from: number, least: number): number {
  let at = from;
  while (at > least && /\s/.test(text[at - 1] as string)) at -= 1;
  return at;
}
