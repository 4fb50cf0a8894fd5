/**
 * Changed settings brought to the parts that do not read them at each use.
 *
 * All parts share one `Settings` object whose fields change (hosts/settings-control.ts), so most changes need nothing here.
 * What a part copies or computes when it is made stands below; hosts/hot-settings.test.ts proves every hot setting.
 * @module
 */
import type { CapturePort } from "../call/capture/types.ts";
import { applySettings, type CallEnvironment } from "../call/environment.ts";
import type { Clients } from "../clients/types.ts";
import type { Pool } from "../pool/types.ts";
import type { Settings } from "../settings/types.ts";

/** The parts of a host that hold something of the settings. What a process does not have is left out. */
export interface HotParts {
  /** In force: the one object that all parts share. */
  settings: Settings;
  environment?: CallEnvironment;
  pool?: Pick<Pool, "configure">;
  clients?: Pick<Clients, "setTimeZone">;
  /** Where captures go when they are switched on; null: nowhere. @default null */
  capture?: CapturePort | null;
}

/**
 * Brings changes to the parts. To be called once at the start too, without `changed`: only then calls are captured.
 * @param changed fields that differ from before; left out: all
 */
export function applyHotSettings(parts: HotParts, changed?: ReadonlySet<keyof Settings>): void {
  const { settings, environment, pool, clients, capture = null } = parts;
  const has = (...fields: (keyof Settings)[]): boolean =>
    changed === undefined || fields.some((field) => changed.has(field));
  if (environment !== undefined) {
    if (changed !== undefined) applySettings(environment, changed);
    environment.capture = settings.capture === "off" ? null : capture;
  }
  if (has("quotaLimits", "quotaScheduling", "disableShare")) pool?.configure(settings);
  if (changed !== undefined && has("limitTimeZone")) clients?.setTimeZone(settings.limitTimeZone);
}
