/**
 * A small panel at the button that opens it. What places it and holds the focus is loaded when it is first about to be
 * needed: it is a sixth of what the first view would weigh.
 * @module
 */
import { lazy, type ReactNode, Suspense, useRef, useState } from "react";
import { type ButtonKind, buttonClasses } from "./button.tsx";
import { Icon, type IconName } from "./icons.tsx";

/** A button that opens a small panel. */
export function Popover({
  label,
  icon,
  title,
  align = "start",
  iconOnly = false,
  button = "secondary",
  children,
  open: openOutside,
  onOpenChange,
}: {
  /** On the button, or read out when only the icon is seen. */
  label: string;
  icon?: IconName;
  /** Of the panel; read out. */
  title: string;
  align?: "start" | "end";
  /** @default false */
  iconOnly?: boolean;
  button?: ButtonKind;
  children: ReactNode;
  open?: boolean;
  onOpenChange?: (open: boolean) => void;
}): ReactNode {
  const anchor = useRef<HTMLButtonElement>(null);
  const [openInside, setOpenInside] = useState(false);
  const open = openOutside ?? openInside;
  const setOpen = (next: boolean): void => {
    setOpenInside(next);
    onOpenChange?.(next);
  };
  // A press on the button is one outside of the panel, and closes it; the click that follows must not open it again.
  const wasOpen = useRef<boolean | null>(null);
  return (
    <>
      <button
        ref={anchor}
        type="button"
        aria-haspopup="dialog"
        aria-expanded={open}
        aria-label={iconOnly ? label : undefined}
        title={iconOnly ? label : undefined}
        className={`${buttonClasses({ kind: button, size: "medium" })} ${iconOnly ? "w-8 !px-0" : ""}`}
        onPointerEnter={preload}
        onFocus={preload}
        onPointerDown={() => {
          wasOpen.current = open;
        }}
        onClick={() => {
          setOpen(!(wasOpen.current ?? open));
          wasOpen.current = null;
        }}
      >
        {icon !== undefined && <Icon name={icon} />}
        {!iconOnly && (
          <>
            <span className="truncate">{label}</span>
            <Icon name="down" size={12} />
          </>
        )}
      </button>
      {open && (
        <Suspense>
          <PopoverPanel anchor={anchor} title={title} align={align} onClose={() => setOpen(false)}>
            {children}
          </PopoverPanel>
        </Suspense>
      )}
    </>
  );
}

// --- helpers ---

const load = () => import("./popover-panel.tsx");
const PopoverPanel = lazy(async () => ({ default: (await load()).PopoverPanel }));

function preload(): void {
  // Fails only where the panel itself will, which says so.
  void load().catch(() => undefined);
}
