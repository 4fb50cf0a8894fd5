/**
 * What charts draw, and the sums behind it. Pure.
 * @module
 */
import { localTime, zoneOffset } from "../lib/zone.ts";
import type { ChartColour } from "./colours.ts";

/** A line, or a layer of stacked bars. */
export interface ChartLine {
  key: string;
  label: string;
  colour: ChartColour;
  /** One a moment; null: nothing is known there. */
  values: readonly (number | null)[];
  /** Drawn broken, to tell it from the others without colour. @default false */
  dashed?: boolean;
}

/**
 * Layers for stacked bars, each with those before it beneath.
 * @returns one array a line, in the order of the lines
 */
export function stack(lines: readonly Pick<ChartLine, "values">[]): number[][] {
  const sums: number[] = [];
  return lines.map(({ values }) => {
    values.forEach((value, index) => {
      sums[index] = (sums[index] ?? 0) + (value ?? 0);
    });
    return [...sums];
  });
}

/** Sum of a line's values. */
export function total(values: readonly (number | null)[]): number {
  return values.reduce<number>((sum, value) => sum + (value ?? 0), 0);
}

/**
 * Label of a moment on the axis: the day at midnight and for steps of a day, else the clock.
 * @param stepMs distance between labels
 */
export function axisLabel(at: number, options: { zone: string; stepMs: number }): string {
  const { month, day, hour, minute, second } = localTime(at, options.zone);
  const date = `${months[month - 1] ?? ""} ${day}`;
  if (options.stepMs >= 20 * 3_600_000 || (hour === 0 && minute === 0 && second === 0)) return date;
  const clock = `${two(hour)}:${two(minute)}`;
  return options.stepMs < 60_000 ? `${clock}:${two(second)}` : clock;
}

/**
 * Round moments of a range for labels: whole minutes, hours or days of the zone's clock, at most so many.
 * @returns rising, each within the range
 */
export function timeTicks(range: { fromMs: number; toMs: number; zone: string }, most = 6): number[] {
  const { fromMs, toMs, zone } = range;
  const step = timeSteps.find((width) => (toMs - fromMs) / width <= most) ?? timeSteps.at(-1) ?? 1;
  const ticks: number[] = [];
  const offset = zoneOffset(fromMs, zone);
  for (let wall = Math.ceil((fromMs + offset) / step) * step; ticks.length < most; wall += step) {
    // By the wall clock: the offset may change within the range.
    const at = wall - zoneOffset(wall - offset, zone);
    if (at >= toMs) break;
    if (at >= fromMs) ticks.push(at);
  }
  return ticks;
}

/**
 * Round values for an axis from 0: about so many, none of them odd.
 * @returns at least 0 and something above `most`
 */
export function niceTicks(most: number, count = 4): number[] {
  if (!(most > 0)) return [0, 1];
  const rough = most / count;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = ([1, 2, 2.5, 5, 10].find((factor) => factor * power >= rough) ?? 10) * power;
  const last = Math.ceil(most / step - 1e-9);
  // Multiplied, not added up: 0.1 + 0.2 is not 0.3.
  return Array.from({ length: last + 1 }, (_, index) => Number((index * step).toPrecision(12)));
}

// --- helpers ---

const second = 1_000;
const minute = 60 * second;
const hour = 60 * minute;
const day = 24 * hour;
const timeSteps: readonly number[] = [
  second,
  5 * second,
  15 * second,
  minute,
  5 * minute,
  15 * minute,
  30 * minute,
  hour,
  3 * hour,
  6 * hour,
  12 * hour,
  day,
  2 * day,
  7 * day,
  14 * day,
  28 * day,
];

const months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

function two(value: number): string {
  return String(value).padStart(2, "0");
}
