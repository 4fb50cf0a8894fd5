/**
 * On or off: takes effect at once, unlike a box to tick.
 * @module
 */
import { Switch as Base } from "@base-ui/react/switch";
import { type ReactNode, useId } from "react";

/** A switch with its label beside it. */
export function Switch({
  label,
  hint,
  checked,
  onChange,
  disabled = false,
  hideLabel = false,
  className = "",
}: {
  label: string;
  hint?: ReactNode;
  checked: boolean;
  onChange: (checked: boolean) => void;
  disabled?: boolean;
  hideLabel?: boolean;
  className?: string;
}): ReactNode {
  const id = useId();
  return (
    <span className={`inline-flex items-start gap-2 text-sm ${className}`}>
      <Base.Root
        id={id}
        checked={checked}
        disabled={disabled}
        onCheckedChange={(next) => onChange(next)}
        aria-label={label}
        className="switch"
      >
        <Base.Thumb className="switch-thumb" />
      </Base.Root>
      {!hideLabel && (
        <span>
          <label htmlFor={id}>{label}</label>
          {hint !== undefined && <span className="block text-xs text-ink-faint">{hint}</span>}
        </span>
      )}
    </span>
  );
}
