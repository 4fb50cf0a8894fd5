/**
 * A tiny line beside a figure: decoration that the figure itself says better, so it is not read out.
 * @module
 */
import type { ReactNode } from "react";

/** A line without axes; gaps stay gaps. */
export function Sparkline({
  values,
  width = 80,
  height = 20,
}: {
  values: readonly (number | null)[];
  width?: number;
  height?: number;
}): ReactNode {
  const most = Math.max(1e-12, ...values.map((value) => value ?? 0));
  const step = values.length > 1 ? (width - 2) / (values.length - 1) : 0;
  let pen = false;
  const path = values
    .map((value, index) => {
      if (value === null) {
        pen = false;
        return "";
      }
      const command = pen ? "L" : "M";
      pen = true;
      return `${command}${(1 + index * step).toFixed(1)} ${(height - 1 - (value / most) * (height - 2)).toFixed(1)}`;
    })
    .join("");
  return (
    <svg width={width} height={height} aria-hidden="true" className="shrink-0 text-accent">
      <path d={path} fill="none" stroke="currentColor" strokeWidth="1.5" strokeLinejoin="round" />
    </svg>
  );
}
