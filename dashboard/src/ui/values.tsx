/**
 * Values as people read them; the exact ones are in the tooltip.
 * @module
 */
import type { ReactNode } from "react";
import {
  formatBytes,
  formatCompact,
  formatCount,
  formatDuration,
  formatMoney,
  formatPercent,
  unknownText,
} from "../lib/format.ts";
import { useNow } from "../lib/use-now.ts";
import { useZone } from "../lib/use-zone.ts";
import { fullTime, relativeTime, shortTime } from "../lib/zone.ts";

/** A moment in the chosen zone; null: an em dash. */
export function Time({
  at,
  zone,
  style = "short",
}: {
  /** Epoch milliseconds. */
  at: number | null | undefined;
  /** @default the page's */
  zone?: string;
  /** `full` with milliseconds and zone; `ago` as a distance. */
  style?: "short" | "full" | "ago";
}): ReactNode {
  const page = useZone();
  if (at == null) return <Unknown />;
  const inZone = zone ?? page;
  const full = fullTime(at, inZone);
  return (
    <time
      dateTime={new Date(at).toISOString()}
      title={full}
      className={`tabular-nums ${style === "full" ? "" : "whitespace-nowrap"}`}
    >
      {style === "full" ? full : style === "ago" ? <Ago at={at} /> : shortTime(at, { zone: inZone, now: Date.now() })}
    </time>
  );
}

/** A duration in milliseconds. */
export function Duration({ ms }: { ms: number | null | undefined }): ReactNode {
  if (ms == null) return <Unknown />;
  return (
    <span title={`${formatExact(ms)} ms`} className="whitespace-nowrap tabular-nums">
      {formatDuration(ms)}
    </span>
  );
}

/** How long until a moment, counting down; `now` when it has come. */
export function Countdown({ until }: { until: number | null | undefined }): ReactNode {
  const now = useNow(1000);
  const zone = useZone();
  if (until == null) return <Unknown />;
  return (
    <time
      dateTime={new Date(until).toISOString()}
      title={fullTime(until, zone)}
      className="whitespace-nowrap tabular-nums"
    >
      {until <= now ? "now" : formatDuration(Math.ceil((until - now) / 1000) * 1000).replace(/\.0+ s$/, " s")}
    </time>
  );
}

/** Dollars. Null is an em dash; something is never shown as nothing. */
export function Money({ usd }: { usd: number | null | undefined }): ReactNode {
  if (usd == null) return <Unknown title="not known: no price" />;
  return (
    <span title={`$${formatExact(usd)}`} className="whitespace-nowrap tabular-nums">
      {formatMoney(usd)}
    </span>
  );
}

/** A count of tokens. */
export function Tokens({ n }: { n: number | null | undefined }): ReactNode {
  if (n == null) return <Unknown />;
  return (
    <span title={`${formatCount(n)} tokens`} className="whitespace-nowrap tabular-nums">
      {formatCompact(n)}
    </span>
  );
}

/** A count of anything. */
export function Count({ n }: { n: number | null | undefined }): ReactNode {
  if (n == null) return <Unknown />;
  return (
    <span title={formatCount(n)} className="tabular-nums">
      {formatCompact(n)}
    </span>
  );
}

/** Bytes. */
export function Bytes({ n }: { n: number | null | undefined }): ReactNode {
  if (n == null) return <Unknown />;
  return (
    <span title={`${formatCount(n)} bytes`} className="whitespace-nowrap tabular-nums">
      {formatBytes(n)}
    </span>
  );
}

/** A share of 1 as per cent. */
export function Percent({ share }: { share: number | null | undefined }): ReactNode {
  if (share == null) return <Unknown />;
  return (
    <span title={`${formatExact(share * 100)}%`} className="tabular-nums">
      {formatPercent(share)}
    </span>
  );
}

// --- helpers ---

function Ago({ at }: { at: number }): ReactNode {
  return relativeTime(at, useNow(Math.abs(Date.now() - at) < 90_000 ? 1000 : 30_000));
}

function Unknown({ title = "not known" }: { title?: string }): ReactNode {
  return (
    <span title={title} className="text-ink-faint">
      <span aria-hidden="true">{unknownText}</span>
      <span className="sr-only">{title}</span>
    </span>
  );
}

function formatExact(value: number): string {
  return value.toLocaleString("en-US", { maximumFractionDigits: 9 });
}
