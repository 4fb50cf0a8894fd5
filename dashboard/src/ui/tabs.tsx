/**
 * Views of which one is seen. By hand, after the ARIA pattern: the library's tabs are 14 kB (gzip) of the first view.
 * @module
 */
import { type KeyboardEvent, type ReactNode, useId, useRef } from "react";

/** One view. */
export interface TabItem<Value extends string> {
  value: Value;
  label: ReactNode;
  /** Drawn only while it is chosen. */
  panel?: ReactNode;
}

/**
 * A row of tabs with the chosen one's panel under it. Panels may also stand elsewhere: leave `panel` out. One stop for the
 * tabulator key; arrow keys, Home and End move; Enter chooses, since choosing may load something.
 */
export function Tabs<Value extends string>({
  label,
  value,
  onChange,
  tabs,
  className = "",
}: {
  /** What is chosen among; read out. */
  label: string;
  value: Value;
  onChange: (value: Value) => void;
  tabs: readonly TabItem<Value>[];
  className?: string;
}): ReactNode {
  const id = useId();
  const list = useRef<HTMLDivElement>(null);
  const chosen = tabs.find((tab) => tab.value === value);
  const onKeyDown = (event: KeyboardEvent): void => {
    const buttons = [...(list.current?.querySelectorAll<HTMLElement>("[role=tab]") ?? [])];
    const at = buttons.findIndex((button) => button === document.activeElement);
    const next = targetOf(event.key, { at, count: buttons.length });
    if (next === null) return;
    event.preventDefault();
    buttons[next]?.focus();
  };
  return (
    <div className={className}>
      <div ref={list} role="tablist" aria-label={label} className="tabs" onKeyDown={onKeyDown}>
        {tabs.map((tab) => (
          <button
            key={tab.value}
            type="button"
            role="tab"
            id={`${id}-tab-${tab.value}`}
            aria-selected={tab.value === value}
            aria-controls={tab.panel !== undefined && tab.value === value ? `${id}-panel` : undefined}
            tabIndex={tab.value === value || (chosen === undefined && tab === tabs[0]) ? 0 : -1}
            className="tab"
            onClick={() => onChange(tab.value)}
          >
            {tab.label}
          </button>
        ))}
      </div>
      {chosen?.panel !== undefined && (
        <div
          role="tabpanel"
          id={`${id}-panel`}
          aria-labelledby={`${id}-tab-${chosen.value}`}
          tabIndex={0}
          className="pt-3 outline-offset-4"
        >
          {chosen.panel}
        </div>
      )}
    </div>
  );
}

// --- helpers ---

function targetOf(key: string, { at, count }: { at: number; count: number }): number | null {
  if (count === 0) return null;
  switch (key) {
    case "ArrowRight":
      return (at + 1) % count;
    case "ArrowLeft":
      return (at - 1 + count) % count;
    case "Home":
      return 0;
    case "End":
      return count - 1;
    default:
      return null;
  }
}
