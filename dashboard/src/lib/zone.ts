/**
 * Times in a time zone that the reader chose. All of it goes through Intl: no table of zones of our own.
 * @module
 */

/** The browser's own zone; UTC when it does not tell. */
export function browserZone(): string {
  return new Intl.DateTimeFormat().resolvedOptions().timeZone ?? "UTC";
}

/** Whether the platform knows this IANA zone. */
export function isZone(text: string): boolean {
  if (text.length === 0 || text.length > 64) return false;
  try {
    new Intl.DateTimeFormat("en-US", { timeZone: text });
    return true;
  } catch {
    return false;
  }
}

/** Zones to choose from: the browser's, UTC, Google's quota zone first, then all others by name. */
export function knownZones(): string[] {
  const first = [...new Set([browserZone(), "UTC", "America/Los_Angeles"])];
  // Browsers list some zones under names that nobody looks for any more (Asia/Calcutta).
  const all = [...Intl.supportedValuesOf("timeZone"), ...renamed.filter(isZone)].toSorted();
  return [...first, ...new Set(all.filter((zone) => !first.includes(zone)))];
}

/** Parts of a moment in a zone. */
export interface LocalTime {
  year: number;
  month: number;
  day: number;
  hour: number;
  minute: number;
  second: number;
}

/**
 * What the clock on the wall says.
 * @param at epoch milliseconds
 */
export function localTime(at: number, zone: string): LocalTime {
  const fields: Record<string, number> = {};
  for (const { type, value } of formatterOf(zone).formatToParts(at)) {
    if (type !== "literal") fields[type] = Number(value);
  }
  return {
    year: fields["year"] ?? 0,
    month: fields["month"] ?? 1,
    day: fields["day"] ?? 1,
    hour: fields["hour"] ?? 0,
    minute: fields["minute"] ?? 0,
    second: fields["second"] ?? 0,
  };
}

/**
 * Offset of a zone at a moment.
 * @returns milliseconds east of UTC
 */
export function zoneOffset(at: number, zone: string): number {
  const { year, month, day, hour, minute, second } = localTime(at, zone);
  return Date.UTC(year, month - 1, day, hour, minute, second) - Math.floor(at / 1000) * 1000;
}

/**
 * The moment at which the wall clock of a zone says this. In the hour that is skipped in spring: the moment just after;
 * in the one that is repeated in autumn: the first.
 * @param text `2026-11-21T15:04`
 * @returns epoch milliseconds; null: not such a text
 */
export function momentOf(text: string, zone: string): number | null {
  const match = /^(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d)$/.exec(text);
  if (match === null) return null;
  const [, year, month, day, hour, minute] = match.map(Number);
  const wall = Date.UTC(year ?? 0, (month ?? 1) - 1, day ?? 1, hour ?? 0, minute ?? 0);
  if (!Number.isFinite(wall)) return null;
  const day1 = 86_400_000;
  const candidates = [wall - zoneOffset(wall - day1, zone), wall - zoneOffset(wall + day1, zone)];
  const exact = candidates.filter((at) => at + zoneOffset(at, zone) === wall);
  return exact.length > 0 ? Math.min(...exact) : Math.max(...candidates);
}

/** A moment as `datetime-local` inputs want it: `2026-11-21T15:04`. */
export function wallText(at: number, zone: string): string {
  const { year, month, day, hour, minute } = localTime(at, zone);
  return `${String(year).padStart(4, "0")}-${two(month)}-${two(day)}T${two(hour)}:${two(minute)}`;
}

/** `Nov 21 15:04:05`; with the year when it is not the one of `now`. */
export function shortTime(at: number, options: { zone: string; now: number }): string {
  const { year, month, day, hour, minute, second } = localTime(at, options.zone);
  const clock = `${two(hour)}:${two(minute)}:${two(second)}`;
  const date = `${months[month - 1] ?? "?"} ${day}`;
  return localTime(options.now, options.zone).year === year ? `${date} ${clock}` : `${date} ${year} ${clock}`;
}

/** `2026-11-21 15:04:05.123 UTC+1`: everything. */
export function fullTime(at: number, zone: string): string {
  const { second } = localTime(at, zone);
  const millis = String(((at % 1000) + 1000) % 1000).padStart(3, "0");
  return `${wallText(at, zone).replace("T", " ")}:${two(second)}.${millis} ${zone} (${offsetText(at, zone)})`;
}

/** `UTC+5:30`. */
export function offsetText(at: number, zone: string): string {
  const minutes = Math.round(zoneOffset(at, zone) / 60_000);
  if (minutes === 0) return "UTC";
  const size = Math.abs(minutes);
  return `UTC${minutes < 0 ? "−" : "+"}${Math.floor(size / 60)}${size % 60 === 0 ? "" : `:${two(size % 60)}`}`;
}

/** Distance in words: `3 min ago`, `in 2 h`, `just now`. */
export function relativeTime(at: number, now: number): string {
  const seconds = Math.round((at - now) / 1000);
  const size = Math.abs(seconds);
  if (size < 5) return "just now";
  const text =
    size < 60
      ? `${size} s`
      : size < 3_600
        ? `${Math.round(size / 60)} min`
        : size < 86_400
          ? `${Math.round(size / 3_600)} h`
          : `${Math.round(size / 86_400)} d`;
  return seconds < 0 ? `${text} ago` : `in ${text}`;
}

// --- helpers ---

const renamed = ["Asia/Kolkata", "Asia/Ho_Chi_Minh", "Asia/Yangon", "Asia/Kathmandu", "Europe/Kyiv", "America/Nuuk"];
const months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
/** Making one costs a hundred times what using it does; a page uses two or three zones. */
const formatters = new Map<string, Intl.DateTimeFormat>();

function formatterOf(zone: string): Intl.DateTimeFormat {
  const known = formatters.get(zone);
  if (known !== undefined) return known;
  const made = new Intl.DateTimeFormat("en-US", {
    timeZone: zone,
    hourCycle: "h23",
    year: "numeric",
    month: "numeric",
    day: "numeric",
    hour: "numeric",
    minute: "numeric",
    second: "numeric",
  });
  formatters.set(zone, made);
  return made;
}

function two(value: number): string {
  return String(value).padStart(2, "0");
}
