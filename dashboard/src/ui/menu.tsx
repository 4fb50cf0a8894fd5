/**
 * A list of actions behind a button.
 * @module
 */
import { Menu as Base } from "@base-ui/react/menu";
import { useRouter } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { linkTarget } from "../lib/links.ts";
import { type ButtonKind, buttonClasses } from "./button.tsx";
import { Icon, type IconName } from "./icons.tsx";

/** One entry. `separator` draws a line. */
export type MenuEntry =
  | { kind: "action"; label: string; icon?: IconName; danger?: boolean; disabled?: boolean; onSelect: () => void }
  | { kind: "link"; label: string; icon?: IconName; to: string }
  | { kind: "check"; label: string; checked: boolean; onChange: (checked: boolean) => void }
  | { kind: "separator" }
  | { kind: "label"; label: string };

/** A button that opens a list. Without `label` text inside, give `icon`. */
export function Menu({
  label,
  icon,
  iconOnly = false,
  button = "secondary",
  size = "medium",
  align = "end",
  entries,
}: {
  /** On the button, or read out when only the icon is seen. */
  label: string;
  icon?: IconName;
  /** @default false */
  iconOnly?: boolean;
  button?: ButtonKind;
  size?: "small" | "medium";
  align?: "start" | "end";
  entries: readonly MenuEntry[];
}): ReactNode {
  const square = `${size === "small" ? "w-7" : "w-8"} !px-0`;
  return (
    <Base.Root modal={false}>
      <Base.Trigger
        className={`${buttonClasses({ kind: button, size })} ${iconOnly ? square : ""}`}
        aria-label={iconOnly ? label : undefined}
        title={iconOnly ? label : undefined}
      >
        {icon !== undefined && <Icon name={icon} />}
        {!iconOnly && (
          <>
            <span className="truncate">{label}</span>
            <Icon name="down" size={12} />
          </>
        )}
      </Base.Trigger>
      <Base.Portal>
        <Base.Positioner className="z-50 outline-none" sideOffset={4} align={align}>
          <Base.Popup className="popup max-h-[var(--available-height)] min-w-40 overflow-y-auto p-1">
            {entries.map((entry, index) => (
              <MenuRow key={entry.kind === "separator" ? `line-${index}` : entry.label} entry={entry} />
            ))}
          </Base.Popup>
        </Base.Positioner>
      </Base.Portal>
    </Base.Root>
  );
}

// --- helpers ---

function MenuRow({ entry }: { entry: MenuEntry }): ReactNode {
  const router = useRouter();
  switch (entry.kind) {
    case "separator":
      return <Base.Separator className="my-1 h-px bg-line" />;
    case "label":
      return <div className="px-2 py-1 text-xs font-medium text-ink-faint">{entry.label}</div>;
    case "check":
      return (
        <Base.CheckboxItem
          checked={entry.checked}
          onCheckedChange={(checked) => entry.onChange(checked)}
          closeOnClick={false}
          className="menu-item"
        >
          <span className="w-4">
            <Base.CheckboxItemIndicator>
              <Icon name="check" size={14} />
            </Base.CheckboxItemIndicator>
          </span>
          {entry.label}
        </Base.CheckboxItem>
      );
    case "link": {
      const target = linkTarget(entry.to);
      return (
        <Base.Item
          className="menu-item"
          onClick={() => {
            if (target.kind === "inside") router.history.push(target.address);
            else if (target.kind === "outside") window.open(target.address, "_blank", "noopener,noreferrer");
          }}
        >
          {entry.icon !== undefined && <Icon name={entry.icon} />}
          {entry.label}
        </Base.Item>
      );
    }
    case "action":
      return (
        <Base.Item
          disabled={entry.disabled ?? false}
          onClick={entry.onSelect}
          className={`menu-item ${entry.danger === true ? "text-bad" : ""}`}
        >
          {entry.icon !== undefined && <Icon name={entry.icon} />}
          {entry.label}
        </Base.Item>
      );
  }
}
