/**
 * Fields of forms: a label, the control, a hint or a fault under it, all tied together for screen readers.
 * @module
 */
import { type ComponentPropsWithRef, type ReactNode, useId } from "react";

/** What every field takes. */
export interface FieldProps {
  label: ReactNode;
  hint?: ReactNode;
  /** Why the value cannot be used; null: it can. */
  error?: string | null;
  /** The label is read out only: where the place says what it is. @default false */
  hideLabel?: boolean;
  className?: string;
}

type InputProps = Omit<ComponentPropsWithRef<"input">, "value" | "onChange" | "className">;

/** A line of text. */
export function TextField({
  value,
  onChange,
  ...props
}: FieldProps & InputProps & { value: string; onChange: (value: string) => void }): ReactNode {
  const { field, control, rest } = useField(props);
  return (
    <FieldFrame {...field}>
      <input
        type="text"
        autoComplete="off"
        spellCheck={false}
        {...rest}
        {...control}
        className="input"
        value={value}
        onChange={({ currentTarget }) => onChange(currentTarget.value)}
      />
    </FieldFrame>
  );
}

/** Several lines of text. */
export function TextArea({
  value,
  onChange,
  mono = false,
  ...props
}: FieldProps &
  Omit<ComponentPropsWithRef<"textarea">, "value" | "onChange" | "className"> & {
    value: string;
    onChange: (value: string) => void;
    /** Letters of one width: for JSON and keys. @default false */
    mono?: boolean;
  }): ReactNode {
  const { field, control, rest } = useField(props);
  return (
    <FieldFrame {...field}>
      <textarea
        rows={5}
        spellCheck={false}
        {...rest}
        {...control}
        className={`input h-auto py-1.5 ${mono ? "font-mono text-xs leading-5" : ""}`}
        value={value}
        onChange={({ currentTarget }) => onChange(currentTarget.value)}
      />
    </FieldFrame>
  );
}

/** A box to tick, with its label beside it. */
export function Checkbox({
  label,
  hint,
  checked,
  onChange,
  hideLabel = false,
  indeterminate = false,
  className = "",
  ...rest
}: Omit<InputProps, "type"> &
  Pick<FieldProps, "label" | "hint" | "hideLabel" | "className"> & {
    checked: boolean;
    onChange: (checked: boolean) => void;
    /** Some of many are ticked. @default false */
    indeterminate?: boolean;
  }): ReactNode {
  const id = useId();
  const hintId = `${id}-hint`;
  return (
    <span className={`inline-flex items-start gap-2 text-sm ${className}`}>
      <input
        {...rest}
        id={id}
        type="checkbox"
        className="checkbox"
        checked={checked}
        aria-describedby={hint === undefined ? undefined : hintId}
        ref={(element) => {
          if (element !== null) element.indeterminate = indeterminate;
        }}
        onChange={({ currentTarget }) => onChange(currentTarget.checked)}
      />
      <span className={hideLabel ? "sr-only" : ""}>
        <label htmlFor={id}>{label}</label>
        {hint !== undefined && (
          <span id={hintId} className="block text-xs text-ink-faint">
            {hint}
          </span>
        )}
      </span>
    </span>
  );
}

/** Label, hint and fault around a control that has the id. */
export function FieldFrame({
  id,
  label,
  hint,
  error,
  hideLabel = false,
  className = "",
  children,
}: FieldProps & { id: string; children: ReactNode }): ReactNode {
  return (
    <div className={`flex min-w-0 flex-col gap-1 ${className}`}>
      <label htmlFor={id} className={hideLabel ? "sr-only" : "text-sm font-medium text-ink"}>
        {label}
      </label>
      {children}
      {error != null && error !== "" ? (
        <p id={`${id}-note`} role="alert" className="text-xs text-bad">
          {error}
        </p>
      ) : (
        hint !== undefined && (
          <p id={`${id}-note`} className="text-xs text-ink-faint">
            {hint}
          </p>
        )
      )}
    </div>
  );
}

// --- helpers ---

function useField<Props extends FieldProps & { id?: string | undefined; required?: boolean | undefined }>(
  props: Props,
): {
  field: FieldProps & { id: string };
  control: { id: string; "aria-invalid": true | undefined; "aria-describedby": string | undefined };
  rest: Omit<Props, keyof FieldProps>;
} {
  const made = useId();
  const { label, hint, error, hideLabel, className, ...rest } = props;
  const id = props.id ?? made;
  const faulty = error != null && error !== "";
  return {
    field: {
      id,
      label,
      hint,
      error: error ?? null,
      hideLabel: hideLabel ?? false,
      className: className ?? "",
    },
    control: {
      id,
      "aria-invalid": faulty || undefined,
      "aria-describedby": faulty || hint !== undefined ? `${id}-note` : undefined,
    },
    rest,
  };
}
