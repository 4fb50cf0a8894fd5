/**
 * What is seen when there is nothing, not yet, or a fault.
 * @module
 */
import type { ReactNode } from "react";
import type { ApiError } from "../api/error.ts";
import { Button } from "./button.tsx";
import { Icon } from "./icons.tsx";

/** Nothing is there: says why, and what to do about it. */
export function EmptyState({
  title,
  body,
  action,
}: {
  title: string;
  body?: ReactNode;
  /** A button or link. */
  action?: ReactNode;
}): ReactNode {
  return (
    <div className="flex flex-col items-center gap-2 px-4 py-10 text-center">
      <p className="text-sm font-medium text-ink">{title}</p>
      {body !== undefined && <div className="max-w-md text-sm text-ink-soft">{body}</div>}
      {action !== undefined && <div className="mt-2">{action}</div>}
    </div>
  );
}

/** A fault: what, and what to do next. @param props.compact beside a form, @default false */
export function ErrorState({
  error,
  onRetry,
  compact = false,
}: {
  error: Pick<ApiError, "message"> & Partial<Pick<ApiError, "next" | "code" | "status">>;
  onRetry?: () => void;
  compact?: boolean;
}): ReactNode {
  return (
    <div role="alert" className={`notice notice-bad ${compact ? "" : "my-2"}`}>
      <Icon name="error" className="mt-0.5 text-bad" />
      <div className="min-w-0 flex-1 text-sm">
        <p className="font-medium break-words">{error.message}</p>
        {error.next != null && <p className="mt-0.5 break-words text-ink-soft">{error.next}</p>}
        {error.code !== undefined && <p className="mt-0.5 text-xs text-ink-faint">{error.code}</p>}
      </div>
      {onRetry !== undefined && (
        <Button size="small" icon="refresh" onClick={onRetry}>
          Try again
        </Button>
      )}
    </div>
  );
}

/** A remark that is not a fault. */
export function Notice({
  tone = "info",
  children,
  action,
}: {
  tone?: "info" | "warn" | "ok";
  children: ReactNode;
  action?: ReactNode;
}): ReactNode {
  return (
    <div className={`notice notice-${tone}`}>
      <Icon
        name={tone === "ok" ? "ok" : tone === "warn" ? "warning" : "info"}
        className={`mt-0.5 ${tone === "ok" ? "text-ok" : tone === "warn" ? "text-warn" : "text-info"}`}
      />
      <div className="min-w-0 flex-1 text-sm break-words">{children}</div>
      {action}
    </div>
  );
}

/** Holds the place of what is being loaded. @param props.lines @default 1 */
export function Skeleton({ lines = 1, className = "" }: { lines?: number; className?: string }): ReactNode {
  return (
    <div role="status" className="flex flex-col gap-2">
      <span className="sr-only">Loading</span>
      {Array.from({ length: lines }, (_, index) => (
        <div key={index} aria-hidden="true" className={`skeleton h-4 ${className}`} />
      ))}
    </div>
  );
}
