/**
 * The time zone of everything on the page: that of the address (`zone`), else the kept choice, else the browser's.
 * @module
 */
import { useRouterState } from "@tanstack/react-router";
import { usePreference } from "./preferences.ts";
import { browserZone, isZone } from "./zone.ts";

/** IANA name of the zone in force. */
export function useZone(): string {
  const kept = usePreference("zone");
  const asked = useRouterState({
    select: ({ location }) => (location.search as Readonly<Record<string, unknown>>)["zone"],
  });
  if (typeof asked === "string" && isZone(asked)) return asked;
  return kept !== null && isZone(kept) ? kept : browserZone();
}
