/**
 * Parts of tables. A table scrolls inside its own box: the page never does so sideways.
 * @module
 */
import { type ComponentPropsWithRef, lazy, type ReactNode, Suspense, useState } from "react";
import { Icon } from "./icons.tsx";
import { ScrollBox } from "./scroll-box.ts";
import type { VirtualRowsProps } from "./virtual-rows.tsx";

/** A table in its own scrolling box. Its `label` is read out. */
export function Table({
  label,
  maxHeight,
  className = "",
  children,
}: {
  label: string;
  /** CSS length; the head stays in sight. @default as high as it is */
  maxHeight?: string;
  className?: string;
  children: ReactNode;
}): ReactNode {
  const [box, setBox] = useState<HTMLDivElement | null>(null);
  return (
    <ScrollBox value={box}>
      <div
        ref={setBox}
        role="region"
        aria-label={label}
        // Whoever has no mouse scrolls it by the arrow keys.
        tabIndex={0}
        className={`table-box ${className}`}
        style={maxHeight === undefined ? undefined : { maxHeight }}
      >
        <table className="table">{children}</table>
      </div>
    </ScrollBox>
  );
}

/** Which way a column is sorted; null: it is not. */
export type SortOrder = "ascending" | "descending" | null;

/** Head of a column. With `onSort` it is a button. */
export function Th({
  children,
  sort,
  onSort,
  right = false,
  ...rest
}: ComponentPropsWithRef<"th"> & {
  sort?: SortOrder;
  onSort?: () => void;
  /** For numbers. @default false */
  right?: boolean;
}): ReactNode {
  const align = right ? "text-right" : "text-left";
  if (onSort === undefined)
    return (
      <th scope="col" {...rest} className={`th ${align} ${rest.className ?? ""}`}>
        {children}
      </th>
    );
  return (
    <th scope="col" {...rest} aria-sort={sort ?? "none"} className={`th ${align} ${rest.className ?? ""}`}>
      <button type="button" onClick={onSort} className={`th-sort ${right ? "flex-row-reverse" : ""}`}>
        {children}
        <Icon
          name={sort === "ascending" ? "up" : "down"}
          size={11}
          className={sort == null ? "opacity-0 group-hover:opacity-60" : ""}
        />
      </button>
    </th>
  );
}

/** A cell. @param props.right for numbers, @default false */
export function Td({ right = false, ...rest }: ComponentPropsWithRef<"td"> & { right?: boolean }): ReactNode {
  return <td {...rest} className={`td ${right ? "text-right tabular-nums" : ""} ${rest.className ?? ""}`} />;
}

/**
 * A `<tbody>` that draws only the rows in sight. Stands in a `Table` with `maxHeight`. What measures and scrolls is loaded
 * with the first long table: the first view of the dashboard has none.
 */
export function VirtualRows(props: VirtualRowsProps): ReactNode {
  return (
    <Suspense fallback={<tbody />}>
      <VirtualBody {...props} />
    </Suspense>
  );
}

// --- helpers ---

const VirtualBody = lazy(async () => ({ default: (await import("./virtual-rows.tsx")).VirtualBody }));
