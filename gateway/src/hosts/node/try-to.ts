/**
 * Work whose failure is logged and keeps nothing else from its turn.
 * @module
 */
import type { Logger } from "../../core/ports.ts";

/** Does it, and logs when it fails. Never rejects. */
export async function tryTo(logger: Logger, event: string, work: () => Promise<unknown>): Promise<void> {
  try {
    await work();
  } catch (error) {
    logger.log("error", event, { cause: error instanceof Error ? error.message : String(error) });
  }
}
