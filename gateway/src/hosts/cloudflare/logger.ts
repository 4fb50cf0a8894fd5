/**
 * Log lines through console, where the platform collects them, redacted at the sink.
 * @module
 */
import type { Logger, LogLevel } from "../../core/ports.ts";
import { redact } from "../../vault/redact.ts";

const ranks: Readonly<Record<LogLevel, number>> = { debug: 0, info: 1, warn: 2, error: 3 };

/** @param level lines below it are dropped */
export function createLogger(level: LogLevel): Logger {
  return {
    log(lineLevel, event, fields) {
      if (ranks[lineLevel] < ranks[level]) return;
      const line = redact(JSON.stringify({ level: lineLevel, event, ...fields }));
      if (lineLevel === "error" || lineLevel === "warn") console.error(line);
      else console.log(line);
    },
  };
}
