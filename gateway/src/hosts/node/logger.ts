/**
 * Log lines as JSON on standard error, redacted at the sink.
 * @module
 */
import type { Logger, LogLevel } from "../../core/ports.ts";
import { redact } from "../../vault/redact.ts";

const ranks: Readonly<Record<LogLevel, number>> = { debug: 0, info: 1, warn: 2, error: 3 };

/**
 * Makes a logger.
 * @param options `level`: lines below it are dropped; `write`: takes a line with its newline. @default standard error
 */
export function createLogger(options: { level: LogLevel; write?: (line: string) => void }): Logger {
  const least = ranks[options.level];
  const write = options.write ?? ((line: string) => void process.stderr.write(line));
  return {
    log(level, event, fields) {
      if (ranks[level] < least) return;
      let line: string;
      try {
        line = JSON.stringify({ time: new Date().toISOString(), level, event, ...fields });
      } catch {
        line = JSON.stringify({ time: new Date().toISOString(), level, event, unserialisable: true });
      }
      write(`${redact(line)}\n`);
    },
  };
}
