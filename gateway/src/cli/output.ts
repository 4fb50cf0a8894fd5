/**
 * What the CLI prints: aligned tables for people, JSON for scripts. Results go to standard output, remarks to standard
 * error, so that a pipe carries results only.
 * @module
 */
import { styleText } from "node:util";

/** A colour or weight of a text. */
export type Style = Parameters<typeof styleText>[0];

/** A column of a table. */
export interface Column<Row> {
  title: string;
  of(row: Row): string | number | null;
  align?: "left" | "right";
  /** Longer texts are cut to this many characters with `…`. */
  limit?: number;
  /** Colour of the cell on a terminal. */
  style?(row: Row): Style;
}

/** The CLI's voice. */
export interface Output {
  /** The caller asked for JSON. */
  readonly isJson: boolean;
  /** A line of the result. */
  line(text: string): void;
  /** The whole result as JSON, when JSON was asked for. Gives whether it was. */
  json(value: unknown): boolean;
  /** One JSON value a line, for results without end. */
  jsonLine(value: unknown): void;
  table<Row>(rows: readonly Row[], columns: readonly Column<Row>[]): void;
  /** A remark on standard error; silent with JSON. */
  note(text: string): void;
  /** A warning on standard error, also with JSON. */
  warn(text: string): void;
  style(style: Style, text: string): string;
}

/**
 * Makes an output.
 * @param options `json`: results as JSON
 */
export function createOutput(options: { json: boolean }): Output {
  const { stdout, stderr } = process;
  const style = (kind: Style, text: string): string =>
    hasColour(stdout) ? styleText(kind, text, { validateStream: false }) : text;
  return {
    isJson: options.json,
    line: (text) => void stdout.write(`${text}\n`),
    json: (value) => {
      if (options.json) stdout.write(`${JSON.stringify(value, null, 2)}\n`);
      return options.json;
    },
    jsonLine: (value) => void stdout.write(`${JSON.stringify(value)}\n`),
    table: (rows, columns) => {
      for (const line of toTable(rows, columns, style)) stdout.write(`${line}\n`);
    },
    note: (text) => {
      if (!options.json) stderr.write(`${text}\n`);
    },
    warn: (text) =>
      void stderr.write(
        `${hasColour(stderr) ? styleText("yellow", "warning:", { validateStream: false }) : "warning:"} ${text}\n`,
      ),
    style,
  };
}

/**
 * Lines of a table: two blanks between columns, none at the ends of lines. Cells are cleaned before they are styled.
 * @param rows one line each
 * @param columns left to right
 * @param paint styles a text. @default as it is
 */
export function toTable<Row>(
  rows: readonly Row[],
  columns: readonly Column<Row>[],
  paint: (style: Style, text: string) => string = (_, text) => text,
): string[] {
  const cells = rows.map((row) => columns.map((column) => toCell(column.of(row), column.limit)));
  const widths = columns.map((column, index) =>
    Math.max(column.title.length, ...cells.map((line) => (line[index] as string).length)),
  );
  const lineOf = (line: readonly string[], styleOf: (index: number) => Style | undefined): string =>
    line
      .map((text, index) => {
        const isLast = index === line.length - 1;
        const gap = " ".repeat((widths[index] as number) - text.length);
        const style = styleOf(index);
        const painted = style === undefined ? text : paint(style, text);
        return columns[index]?.align === "right" ? gap + painted : isLast ? painted : painted + gap;
      })
      .join("  ");
  return [
    lineOf(
      columns.map((column) => column.title),
      () => "dim",
    ),
    ...rows.map((row, number) => lineOf(cells[number] as string[], (index) => columns[index]?.style?.(row))),
  ];
}

/**
 * A text that cannot move the cursor or colour the terminal: names and words come from elsewhere.
 * @param text anything
 */
export function toPlainLine(text: string): string {
  return text.replace(terminalCodes, "").replace(/[\p{Cc}\p{Cf}]+/gu, " ");
}

/** Whether colours belong on a stream: a terminal, without NO_COLOR (https://no-color.org). */
export function hasColour(stream: { isTTY?: boolean }): boolean {
  const { NO_COLOR, TERM } = process.env;
  return stream.isTTY === true && (NO_COLOR === undefined || NO_COLOR === "") && TERM !== "dumb";
}

// --- helpers ---

/**
 * CSI and OSC sequences (ECMA-48 5.4, 8.3.89). Not Node's `stripVTControlCharacters`: its versions disagree on where a
 * sequence ends, and one of them takes text along.
 */
// oxlint-disable-next-line no-control-regex -- control characters are what it looks for
const terminalCodes = /\u001B(?:\[[0-?]*[ -/]*[@-~]|\][^\u0007\u001B]*(?:\u0007|\u001B\\))/g;

function toCell(value: string | number | null, limit: number | undefined): string {
  if (value === null || value === "") return "-";
  const clean = toPlainLine(String(value));
  return limit !== undefined && clean.length > limit ? `${clean.slice(0, limit - 1)}…` : clean;
}
