/**
 * Frame of a page: its title, its filters.
 * @module
 */
import { type ReactNode, useEffect } from "react";
import { Button } from "./button.tsx";
import { Icon } from "./icons.tsx";

/** Title of a page, with actions at its right. Sets the document's title too. */
export function PageHeader({
  title,
  description,
  actions,
}: {
  title: string;
  description?: ReactNode;
  actions?: ReactNode;
}): ReactNode {
  useEffect(() => {
    document.title = `${title} · Gemini Proxy`;
  }, [title]);
  return (
    <header className="flex flex-wrap items-center justify-between gap-x-4 gap-y-2">
      <div className="min-w-0">
        <h1 className="text-lg font-semibold tracking-tight break-words text-ink" tabIndex={-1}>
          {title}
        </h1>
        {description !== undefined && <p className="text-sm text-ink-soft">{description}</p>}
      </div>
      {actions !== undefined && <div className="flex min-w-0 flex-wrap items-center gap-2">{actions}</div>}
    </header>
  );
}

/** A row of filters. With `active` above 0 there is a button that takes all of them out. */
export function FilterBar({
  label = "Filters",
  active = 0,
  onClear,
  children,
}: {
  label?: string;
  active?: number;
  onClear?: () => void;
  children: ReactNode;
}): ReactNode {
  return (
    <search aria-label={label} className="flex flex-wrap items-end gap-2">
      {children}
      {active > 0 && onClear !== undefined && (
        <Button kind="quiet" icon="close" onClick={onClear}>
          Clear {active === 1 ? "filter" : `${active} filters`}
        </Button>
      )}
    </search>
  );
}

/** One filter that is set, with a button that takes it out. */
export function FilterChip({
  name,
  value,
  onRemove,
}: {
  name: string;
  value: string;
  onRemove: () => void;
}): ReactNode {
  return (
    <span className="inline-flex h-7 max-w-full items-center gap-1 rounded-full border border-line-strong bg-surface pl-2.5 text-xs">
      <span className="text-ink-soft">{name}</span>
      <span className="truncate font-medium">{value}</span>
      <button type="button" aria-label={`Remove filter ${name} ${value}`} className="chip-close" onClick={onRemove}>
        <Icon name="close" size={11} />
      </button>
    </span>
  );
}
