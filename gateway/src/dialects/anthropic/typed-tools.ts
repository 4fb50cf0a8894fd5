/**
 * Tools of Anthropic's that the client runs and that are sent without a schema, because Claude knows them: Gemini is given
 * the input schemas that Anthropic publishes (platform.claude.com, "Bash tool", "Text editor tool", "Memory tool",
 * "Computer use tool"). Server tools that Gemini has a counterpart of are here too.
 * @module
 */
import type { JsonObject, ServerTool } from "../../translation/types.ts";

/** What stands for a typed client tool. */
export interface TypedTool {
  description: string;
  schema: JsonObject;
}

/**
 * A typed client tool's declaration.
 * @param type such as `bash_20250124`; only what stands before the date counts
 * @param tool the tool as sent: the size of a computer's screen is in it
 * @returns null for other types
 */
export function typedTool(type: string, tool: JsonObject): TypedTool | null {
  switch (withoutDate(type)) {
    case "bash":
      return bash;
    case "text_editor":
      // From 2025-04-29 on without undo_edit.
      return textEditor(Number(type.slice(-8)) < 20_250_429);
    case "memory":
      return memory;
    case "computer":
      // zoom came on 2025-11-24.
      return computer(tool["display_width_px"], tool["display_height_px"], Number(type.slice(-8)) >= 20_251_124);
    default:
      return null;
  }
}

/** Gemini's counterpart of a server tool of Anthropic's; null: it has none. */
export function serverToolOf(type: string): ServerTool | null {
  return serverTools.get(withoutDate(type) ?? "") ?? null;
}

// --- helpers ---

/** A map: `constructor_20250101` is a member of any object. */
const serverTools: ReadonlyMap<string, ServerTool> = new Map<string, ServerTool>([
  ["web_search", "web-search"],
  ["web_fetch", "url-context"],
  ["code_execution", "code-execution"],
]);

function withoutDate(type: string): string | null {
  return /^([a-z_]+)_\d{8}$/.exec(type)?.[1] ?? null;
}

const text = (description: string): JsonObject => ({ type: "string", description });
const whole = (description: string): JsonObject => ({ type: "integer", description });
const range = {
  type: "array",
  items: { type: "integer" },
  description: "First and last line to show, from 1; -1: end",
};

const bash: TypedTool = {
  description: "Runs a command in a bash shell that stays open between calls.",
  schema: {
    type: "object",
    properties: {
      command: text("The command to run. Required unless the shell is restarted."),
      restart: { type: "boolean", description: "True starts the shell anew." },
    },
  },
};

function textEditor(hasUndo: boolean): TypedTool {
  return {
    description: "Shows, creates and edits text files.",
    schema: {
      type: "object",
      properties: {
        command: {
          type: "string",
          enum: ["view", "create", "str_replace", "insert", ...(hasUndo ? ["undo_edit"] : [])],
          description: "What to do.",
        },
        path: text("Path of the file or folder."),
        view_range: range,
        file_text: text("For create: the whole content."),
        old_str: text("For str_replace: the text to replace; it must occur exactly once."),
        new_str: text(hasUndo ? "For str_replace and insert: the new text." : "For str_replace: the new text."),
        insert_line: whole("For insert: the line after which to insert; 0: at the beginning."),
        ...(hasUndo ? {} : { insert_text: text("For insert: the text to insert.") }),
      },
      required: ["command", "path"],
    },
  };
}

const memory: TypedTool = {
  description: "Keeps notes in files under /memories that outlive this conversation. Look into it before work begins.",
  schema: {
    type: "object",
    properties: {
      command: {
        type: "string",
        enum: ["view", "create", "str_replace", "insert", "delete", "rename"],
        description: "What to do.",
      },
      path: text("Path under /memories; for all but rename."),
      view_range: range,
      file_text: text("For create: the whole content."),
      old_str: text("For str_replace: the text to replace."),
      new_str: text("For str_replace: the new text."),
      insert_line: whole("For insert: the line after which to insert; 0: at the beginning."),
      insert_text: text("For insert: the text to insert."),
      old_path: text("For rename: the present path."),
      new_path: text("For rename: the new path."),
    },
    required: ["command"],
  },
};

function computer(width: unknown, height: unknown, canZoom: boolean): TypedTool {
  const size =
    typeof width === "number" && typeof height === "number" ? ` The screen has ${width} x ${height} pixels.` : "";
  const point = (description: string): JsonObject => ({ type: "array", items: { type: "integer" }, description });
  return {
    description: `Uses mouse, keyboard and screen of a computer.${size}`,
    schema: {
      type: "object",
      properties: {
        action: { type: "string", enum: canZoom ? [...actions, "zoom"] : actions, description: "What to do." },
        coordinate: point("Where: x from the left, y from the top, in pixels."),
        start_coordinate: point("For left_click_drag: where the drag begins."),
        text: text("For type: the text; for key and hold_key: the keys, such as ctrl+s; for clicks: keys held down."),
        scroll_direction: { type: "string", enum: ["up", "down", "left", "right"], description: "For scroll." },
        scroll_amount: whole("For scroll: clicks of the wheel."),
        duration: { type: "number", description: "For wait and hold_key: seconds." },
        ...(canZoom ? { region: point("For zoom: x and y of the upper left and of the lower right corner.") } : {}),
      },
      required: ["action"],
    },
  };
}

const actions = [
  "key",
  "hold_key",
  "type",
  "cursor_position",
  "mouse_move",
  "left_mouse_down",
  "left_mouse_up",
  "left_click",
  "left_click_drag",
  "right_click",
  "middle_click",
  "double_click",
  "triple_click",
  "scroll",
  "wait",
  "screenshot",
];
