/**
 * Reading a stream of server-sent events (WHATWG HTML 9.2) piece by piece, with bounds: the playground keeps what it
 * shows, and an upstream may send for ever.
 * @module
 */

/** One event. */
export interface ServerEvent {
  /** `message` when the stream names none. */
  type: string;
  data: string;
}

/** Longest event; a longer one is cut and told as such. */
const mostEventCharacters = 2_000_000;

/** Reads events out of pieces of text. */
export interface EventReader {
  /** @returns the events that the piece completes */
  push(text: string): ServerEvent[];
  /** Ends the stream. @returns what was begun and not ended: nothing by the standard, but worth seeing */
  end(): { unfinished: string };
}

/**
 * Makes a reader.
 * @returns it, for one stream
 */
export function createEventReader(): EventReader {
  let rest = "";
  let begun = false;
  let type = "";
  let data: string[] = [];
  let size = 0;

  const line = (text: string, events: ServerEvent[]): void => {
    if (text === "") {
      // An event without data is not dispatched.
      if (data.length > 0) events.push({ type: type === "" ? "message" : type, data: data.join("\n") });
      type = "";
      data = [];
      size = 0;
      return;
    }
    if (text.startsWith(":")) return;
    const colon = text.indexOf(":");
    const field = colon < 0 ? text : text.slice(0, colon);
    const value = colon < 0 ? "" : text.slice(colon + 1).replace(/^ /, "");
    if (field === "event") type = value;
    else if (field === "data" && size < mostEventCharacters) {
      size += value.length;
      data.push(size > mostEventCharacters ? `${value.slice(0, 1000)}… (cut)` : value);
    }
  };

  return {
    push(text) {
      const events: ServerEvent[] = [];
      rest += begun ? text : text.replace(/^\uFEFF/, "");
      begun ||= text !== "";
      let from = 0;
      for (;;) {
        const at = nextBreak(rest, from);
        if (at === null) break;
        line(rest.slice(from, at.index), events);
        from = at.index + at.length;
      }
      rest = rest.slice(from);
      if (rest.length > mostEventCharacters) rest = rest.slice(0, mostEventCharacters);
      return events;
    },
    end() {
      const unfinished = [...data, rest.replace(/[\r\n]+$/, "")].filter((part) => part !== "").join("\n");
      rest = "";
      data = [];
      return { unfinished };
    },
  };
}

// --- helpers ---

/** The next CR, LF or CRLF; null while a CR at the very end may still be followed by LF. */
function nextBreak(text: string, from: number): { index: number; length: number } | null {
  for (let index = from; index < text.length; index++) {
    const character = text.charCodeAt(index);
    if (character === 10) return { index, length: 1 };
    if (character !== 13) continue;
    if (index + 1 === text.length) return null;
    return { index, length: text.charCodeAt(index + 1) === 10 ? 2 : 1 };
  }
  return null;
}
