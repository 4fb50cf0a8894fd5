/**
 * Choosing a range of time and a time zone.
 * @module
 */
import { useRouter } from "@tanstack/react-router";
import { type ReactNode, useMemo, useState } from "react";
import { base } from "../lib/links.ts";
import { readPreference, writePreference } from "../lib/preferences.ts";
import { lastRanges, type Range, rangeNames, spanOf } from "../lib/range.ts";
import { formatQueryText } from "../lib/search.ts";
import { useZone } from "../lib/use-zone.ts";
import { browserZone, isZone, knownZones, momentOf, offsetText, shortTime, wallText } from "../lib/zone.ts";
import { Button } from "./button.tsx";
import { TextField } from "./field.tsx";
import { Popover } from "./popover.tsx";

/** Chooses a range. */
export function RangePicker({ value, onChange }: { value: Range; onChange: (range: Range) => void }): ReactNode {
  const [open, setOpen] = useState(false);
  const zone = useZone();
  const choose = (range: Range): void => {
    onChange(range);
    setOpen(false);
  };
  return (
    <Popover
      label={nameOf(value, zone)}
      icon="clock"
      title="Range of time"
      align="end"
      open={open}
      onOpenChange={setOpen}
    >
      <div className="flex flex-col gap-3 sm:flex-row">
        <ul className="flex flex-col gap-0.5">
          {lastRanges.map((last) => (
            <li key={last}>
              <button
                type="button"
                className="menu-item w-full"
                aria-pressed={value.kind === "last" && value.last === last}
                onClick={() => choose({ kind: "last", last })}
              >
                {rangeNames[last]}
              </button>
            </li>
          ))}
        </ul>
        <CustomRange key={`${nameOf(value, zone)}${open}`} value={value} zone={zone} onChange={choose} />
      </div>
    </Popover>
  );
}

/** Chooses the time zone of the whole page; it is kept in this browser and put into the address. */
export function ZonePicker(): ReactNode {
  const router = useRouter();
  const zone = useZone();
  const [open, setOpen] = useState(false);
  const [search, setSearch] = useState("");
  const zones = useMemo(knownZones, []);
  const shown = zones
    .filter((name) => name.toLowerCase().includes(search.toLowerCase().replaceAll(" ", "_")))
    .slice(0, 80);
  const choose = (name: string): void => {
    const kept = name === browserZone() ? null : name;
    if (kept !== readPreference("zone")) writePreference("zone", kept);
    const { pathname, search: before } = router.state.location;
    router.history.replace(`${base}${pathname}${formatQueryText({ ...before, zone: name })}`);
    setOpen(false);
  };
  return (
    <Popover label={shortZone(zone)} title="Time zone" align="end" open={open} onOpenChange={setOpen}>
      <div className="flex w-64 max-w-full flex-col gap-2">
        <TextField label="Time zone" value={search} onChange={setSearch} placeholder="Search: Berlin, UTC …" />
        <ul className="max-h-64 overflow-y-auto" aria-label="Time zones">
          {shown.map((name) => (
            <li key={name}>
              <button
                type="button"
                className="menu-item w-full justify-between"
                aria-pressed={name === zone}
                onClick={() => choose(name)}
              >
                <span className="truncate">{name.replaceAll("_", " ")}</span>
                <span className="text-xs text-ink-faint">{offsetText(Date.now(), name)}</span>
              </button>
            </li>
          ))}
          {shown.length === 0 && isZone(search) && (
            <li>
              <button type="button" className="menu-item w-full" onClick={() => choose(search)}>
                {search}
              </button>
            </li>
          )}
          {shown.length === 0 && !isZone(search) && <li className="px-2 py-1 text-sm text-ink-soft">No such zone.</li>}
        </ul>
      </div>
    </Popover>
  );
}

// --- helpers ---

function CustomRange({
  value,
  zone,
  onChange,
}: {
  value: Range;
  zone: string;
  onChange: (range: Range) => void;
}): ReactNode {
  const span = spanOf(value, Date.now());
  const [from, setFrom] = useState(() => wallText(span.fromMs, zone));
  const [to, setTo] = useState(() => wallText(span.toMs, zone));
  const fromMs = momentOf(from, zone);
  const toMs = momentOf(to, zone);
  const fault =
    fromMs === null || toMs === null
      ? "Both times are needed."
      : fromMs >= toMs
        ? "The end must be after the begin."
        : null;
  return (
    <form
      className="flex flex-col gap-2 border-line sm:border-l sm:pl-3"
      onSubmit={(event) => {
        event.preventDefault();
        if (fault === null && fromMs !== null && toMs !== null) onChange({ kind: "custom", fromMs, toMs });
      }}
    >
      <TextField label="From" type="datetime-local" value={from} onChange={setFrom} />
      <TextField label="To (not with it)" type="datetime-local" value={to} onChange={setTo} error={fault} />
      <p className="text-xs text-ink-faint">In {zone.replaceAll("_", " ")}</p>
      <Button type="submit" kind="primary" disabled={fault !== null}>
        Apply
      </Button>
    </form>
  );
}

function nameOf(range: Range, zone: string): string {
  if (range.kind === "last") return rangeNames[range.last];
  const now = Date.now();
  const text = (at: number): string => shortTime(at, { zone, now }).replace(/:\d\d$/, "");
  return `${text(range.fromMs)} – ${text(range.toMs)}`;
}

function shortZone(zone: string): string {
  return (zone.split("/").at(-1) ?? zone).replaceAll("_", " ");
}
