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
    kept = /\s*(?:\n`{1,3})?\s*$/.exec(whole.slice(-longestKept))?.[0] ?? "";
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
