/**
 * The few icons, as inline SVG. Each stands beside a text or in a control that has a label, so none is read out.
 * @module
 */
import type { ReactNode } from "react";

const paths = {
  overview: "M3 13h6V3H3zM11 17h6V9h-6zM3 17h6v-2H3zM11 7h6V3h-6z",
  pool: "M3 4h14v4H3zM3 12h14v4H3zM6 6h.01M6 14h.01",
  clients:
    "M7 9a3 3 0 1 0 0-6 3 3 0 0 0 0 6zM2 17c0-3 2-5 5-5s5 2 5 5M13 4a3 3 0 0 1 0 5M14.5 12.3c2 .6 3.5 2.3 3.5 4.7",
  calls: "M3 5h14M3 10h14M3 15h9",
  playground: "M5 3l11 7-11 7z",
  connect: "M8 12l4-4M7 9L4.5 11.5a3 3 0 0 0 4 4L11 13M13 11l2.5-2.5a3 3 0 0 0-4-4L9 7",
  settings:
    "M10 12.5a2.5 2.5 0 1 0 0-5 2.5 2.5 0 0 0 0 5zM10 2.5v2M10 15.5v2M2.5 10h2M15.5 10h2M4.7 4.7l1.4 1.4M13.9 13.9l1.4 1.4M4.7 15.3l1.4-1.4M13.9 6.1l1.4-1.4",
  menu: "M3 5h14M3 10h14M3 15h14",
  close: "M5 5l10 10M15 5L5 15",
  check: "M4 10.5l4 4 8-9",
  copy: "M7 7h9v10H7zM4 13V3h9",
  down: "M5 8l5 5 5-5",
  up: "M5 12l5-5 5 5",
  right: "M8 5l5 5-5 5",
  left: "M12 5l-5 5 5 5",
  search: "M9 15A6 6 0 1 0 9 3a6 6 0 0 0 0 12zM13.5 13.5L17 17",
  plus: "M10 4v12M4 10h12",
  minus: "M4 10h12",
  more: "M4.5 10h.01M10 10h.01M15.5 10h.01",
  refresh: "M16 6v4h-4M4 14v-4h4M15.5 9.5A6 6 0 0 0 5 7M4.5 10.5A6 6 0 0 0 15 13",
  download: "M10 3v10M6 9.5l4 4 4-4M4 17h12",
  upload: "M10 14V4M6 7.5l4-4 4 4M4 17h12",
  trash: "M4 6h12M8 6V4h4v2M6 6l.7 11h6.6L14 6",
  edit: "M4 16l.7-3.5L13 4.2l2.8 2.8L7.5 15.3zM11.5 5.7l2.8 2.8",
  external: "M8 4H4v12h12v-4M11 4h5v5M16 4l-7 7",
  info: "M10 17.5a7.5 7.5 0 1 0 0-15 7.5 7.5 0 0 0 0 15zM10 9v5M10 6.2v.1",
  warning: "M10 3l8 14H2zM10 8v4M10 14.5v.1",
  error: "M7 2.5h6l4.5 4.5v6L13 17.5H7L2.5 13V7zM7.5 7.5l5 5M12.5 7.5l-5 5",
  ok: "M10 17.5a7.5 7.5 0 1 0 0-15 7.5 7.5 0 0 0 0 15zM6.5 10.2l2.5 2.5 4.5-5",
  clock: "M10 17.5a7.5 7.5 0 1 0 0-15 7.5 7.5 0 0 0 0 15zM10 5.5V10l3 2",
  pause: "M7 4v12M13 4v12",
  off: "M10 3v7M6 5.5a6 6 0 1 0 8 0",
  ban: "M10 17.5a7.5 7.5 0 1 0 0-15 7.5 7.5 0 0 0 0 15zM5 5l10 10",
  sun: "M10 13.5a3.5 3.5 0 1 0 0-7 3.5 3.5 0 0 0 0 7zM10 1.5v2M10 16.5v2M1.5 10h2M16.5 10h2M4 4l1.4 1.4M14.6 14.6L16 16M4 16l1.4-1.4M14.6 5.4L16 4",
  moon: "M16.5 12A7 7 0 0 1 8 3.5a7 7 0 1 0 8.5 8.5z",
  system: "M3 4h14v9H3zM7 17h6M10 13v4",
  key: "M7 13a3.5 3.5 0 1 0 0-7 3.5 3.5 0 0 0 0 7zM10.5 9.5H18M15 9.5V13",
  user: "M10 9.5a3.250 3.250 0 1 0 0-6.5 3.250 3.250 0 0 0 0 6.5zM3.5 17c0-3.5 2.5-5.5 6.5-5.5s6.5 2 6.5 5.5",
  logout: "M12 4H4v12h8M9 10h9M15 7l3 3-3 3",
  columns: "M3 4h14v12H3zM8 4v12M12.5 4v12",
  filter: "M3 4h14l-5.5 6.5V16l-3-1.5v-4z",
  retry: "M4 10a6 6 0 1 0 2-4.5M4 3.5V7h3.5",
} as const satisfies Record<string, string>;

/** Names of the icons. */
export type IconName = keyof typeof paths;

/** An icon. @param props.size pixels, @default 16 */
export function Icon({
  name,
  size = 16,
  className = "",
}: {
  name: IconName;
  size?: number;
  className?: string;
}): ReactNode {
  return (
    <svg
      width={size}
      height={size}
      viewBox="0 0 20 20"
      fill="none"
      stroke="currentColor"
      strokeWidth={1.6}
      strokeLinecap="round"
      strokeLinejoin="round"
      aria-hidden="true"
      focusable="false"
      className={`inline-block shrink-0 ${className}`}
    >
      <path d={paths[name]} />
    </svg>
  );
}
