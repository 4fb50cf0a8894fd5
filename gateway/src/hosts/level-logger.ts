/**
 * LOG_LEVEL while the gateway runs.
 * @module
 */
import type { Logger, LogLevel } from "../core/ports.ts";

const ranks: Readonly<Record<LogLevel, number>> = { debug: 0, info: 1, warn: 2, error: 3 };

/**
 * Lets through lines of the level in force and above.
 * @param logger takes lines of every level
 * @param settings read for each line
 */
export function withLevel(logger: Logger, settings: { readonly logLevel: LogLevel }): Logger {
  return {
    log(level, event, fields) {
      if (ranks[level] >= ranks[settings.logLevel]) logger.log(level, event, fields);
    },
  };
}
