/**
 * A choice out of a list.
 * @module
 */
import { Select as Base } from "@base-ui/react/select";
import { type ReactNode, useId } from "react";
import { FieldFrame, type FieldProps } from "./field.tsx";
import { Icon } from "./icons.tsx";

/** One entry. */
export interface SelectOption<Value extends string> {
  value: Value;
  label: string;
  /** Under the label, smaller. */
  hint?: string;
  disabled?: boolean;
}

/** A labelled list to choose one from. `""` is a value like any other: use it for "all". */
export function Select<Value extends string>({
  value,
  onChange,
  options,
  disabled = false,
  small = false,
  ...field
}: FieldProps & {
  value: Value;
  onChange: (value: Value) => void;
  options: readonly SelectOption<Value>[];
  disabled?: boolean;
  /** @default false */
  small?: boolean;
}): ReactNode {
  const id = useId();
  const chosen = options.find((option) => option.value === value);
  const name = typeof field.label === "string" ? field.label : undefined;
  return (
    <FieldFrame {...field} id={id}>
      <Base.Root
        value={value}
        disabled={disabled}
        modal={false}
        onValueChange={(next) => {
          if (next !== null) onChange(next);
        }}
      >
        <Base.Trigger
          id={id}
          // A label that is not shown is not near: the name must say what is chosen and what for.
          aria-label={name === undefined ? undefined : `${name}: ${chosen?.label ?? value}`}
          className={`input flex items-center justify-between gap-2 text-left ${small ? "h-7 text-xs" : ""}`}
        >
          <span className="truncate">{chosen?.label ?? value}</span>
          <Icon name="down" size={12} className="text-ink-faint" />
        </Base.Trigger>
        <Base.Portal>
          <Base.Positioner className="z-50 outline-none" sideOffset={4} alignItemWithTrigger={false}>
            <Base.Popup className="popup max-h-[min(24rem,var(--available-height))] min-w-[var(--anchor-width)] overflow-y-auto p-1">
              {options.map((option) => (
                <Base.Item
                  key={option.value}
                  value={option.value}
                  disabled={option.disabled ?? false}
                  className="menu-item"
                >
                  <span className="w-4">
                    <Base.ItemIndicator>
                      <Icon name="check" size={14} />
                    </Base.ItemIndicator>
                  </span>
                  <span className="min-w-0">
                    <Base.ItemText>{option.label}</Base.ItemText>
                    {option.hint !== undefined && <span className="block text-xs text-ink-faint">{option.hint}</span>}
                  </span>
                </Base.Item>
              ))}
            </Base.Popup>
          </Base.Positioner>
        </Base.Portal>
      </Base.Root>
    </FieldFrame>
  );
}
