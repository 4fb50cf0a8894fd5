/**
 * KEEP_UPLOADS on the Node host: opens the store, joins it to the calls, and keeps it tidy.
 * @module
 */
import { randomBytes } from "node:crypto";
import { join } from "node:path";
import type { CallEnvironment } from "../../../call/environment.ts";
import { every } from "../timers.ts";
import { openKeptFiles } from "./kept-files.ts";
import { uploadTimes, type UploadHost } from "./upload-again.ts";

const sweepEveryMs = 60_000;

/**
 * Begins to keep uploads, where the setting says so. A folder that cannot be used is logged, and nothing is kept: the
 * gateway must start all the same.
 * @param dispatcherFor connections to upstreams
 * @returns ends it; resolves when everything is written
 */
export async function keepUploads(
  environment: CallEnvironment,
  dispatcherFor: UploadHost["dispatcherFor"],
): Promise<() => Promise<void>> {
  const { settings, clock, logger } = environment;
  if (!settings.keepUploads) return async () => undefined;
  try {
    const newId = (): string => randomBytes(16).toString("hex");
    const kept = await openKeptFiles({
      directory: join(settings.dataDir, "uploads"),
      maxBytes: settings.keepUploadsBytes,
      maxFileBytes: settings.keepUploadsFileBytes,
      host: { dispatcherFor, now: () => clock.now(), boundary: newId, times: uploadTimes },
      logger,
      newId,
    });
    const stop = every(sweepEveryMs, async () => kept.sweep());
    environment.keptFiles = kept;
    return async () => {
      await stop();
      await kept.close();
    };
  } catch (error) {
    const { code, name } = error as NodeJS.ErrnoException;
    logger.log("error", "kept-files.unusable", { cause: code ?? name });
    return async () => undefined;
  }
}
