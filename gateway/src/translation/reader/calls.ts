/**
 * Function calls of an answer: whole ones, and those that come in pieces.
 * @module
 */
import type { ToolNames } from "../types-request.ts";
import type { AnswerEvent, JsonObject } from "../types.ts";
import { applyPartialArg } from "./partial-args.ts";
import { toList, toObject, toText } from "./wire.ts";

type CallEvent = Extract<AnswerEvent, { kind: "call" }>;

/** Reads the calls of one answer. */
export interface CallReader {
  /**
   * @param wire `functionCall`
   * @returns the calls that are whole now; a new call also ends the one before it
   */
  read(wire: JsonObject, signature: string | null): readonly CallEvent[];
  /**
   * After the last part.
   * @param isWhole false: the answer was cut, and half of a call's arguments must not be run
   */
  end(isWhole: boolean): CallEvent | null;
  /** More pieces came than the bound allows. */
  isTooLarge(): boolean;
}

/** What a reader needs. */
export interface CallReaderOptions {
  names: ToolNames;
  restoreArgs: ((clientName: string, args: JsonObject) => JsonObject) | undefined;
  /** Characters that pieces may add up to. */
  maxCharacters: number;
}

/** Makes a reader. */
export function createCallReader({ names, restoreArgs, maxCharacters }: CallReaderOptions): CallReader {
  let open: Open | null = null;
  let characters = 0;

  function toEvent({ id, name, args, signature }: Open): CallEvent {
    const clientName = names.toClient(name);
    return {
      kind: "call",
      id,
      name: clientName,
      args: restoreArgs === undefined ? args : restoreArgs(clientName, args),
      signature,
    };
  }

  function close(): CallEvent[] {
    if (open === null) return [];
    const event = toEvent(open);
    open = null;
    return [event];
  }

  function addPieces(call: Open, wire: JsonObject): void {
    Object.assign(call.args, toArgs(wire["args"]));
    for (const piece of toList(wire["partialArgs"] ?? wire["partial_args"])) {
      characters += applyPartialArg(call.args, piece);
      if (characters > maxCharacters) return;
    }
  }

  return {
    read(wire, signature) {
      const name = toText(wire["name"]);
      const id = toText(wire["id"]);
      const isContinued = (wire["willContinue"] ?? wire["will_continue"]) === true;
      const isPieced = isContinued || "partialArgs" in wire || "partial_args" in wire;
      if (open === null && !isPieced) {
        return [toEvent({ id, name: name ?? "", args: toArgs(wire["args"]), signature })];
      }
      const continues = open !== null && (name === null || (isPieced && name === open.name && id === open.id));
      const before = continues ? [] : close();
      open ??= { id, name: name ?? "", args: {}, signature: null };
      open.id ??= id;
      open.signature ??= signature;
      addPieces(open, wire);
      return isContinued ? before : [...before, ...close()];
    },
    end(isWhole) {
      const [event] = close();
      return isWhole ? (event ?? null) : null;
    },
    isTooLarge: () => characters > maxCharacters,
  };
}

// --- helpers ---

interface Open {
  id: string | null;
  name: string;
  args: JsonObject;
  signature: string | null;
}

/** Missing: a call without arguments. A text is what some surfaces make of them. */
function toArgs(value: unknown): JsonObject {
  if (typeof value !== "string") return toObject(value) ?? {};
  try {
    return toObject(JSON.parse(value)) ?? {};
  } catch {
    return {};
  }
}
