/**
 * Short words with a tone. The tone is never alone: an icon and the word say the same.
 * @module
 */
import type { ReactNode } from "react";
import { Icon, type IconName } from "./icons.tsx";

/** What a badge means. */
export type Tone = "neutral" | "ok" | "warn" | "bad" | "info" | "accent";

/** A word with a tone. */
export function Badge({
  tone = "neutral",
  icon,
  title,
  children,
}: {
  tone?: Tone;
  icon?: IconName;
  title?: string | undefined;
  children: ReactNode;
}): ReactNode {
  return (
    <span title={title} className={`badge badge-${tone}`}>
      {icon !== undefined && <Icon name={icon} size={12} />}
      {children}
    </span>
  );
}

/** A state of a credential, a cell of the matrix, a call, health, or an attention item, with its icon. */
export function StateBadge({ state, title }: { state: string; title?: string }): ReactNode {
  const { tone, icon, text } = stateLooks[state] ?? { tone: "neutral", icon: "info", text: state };
  return (
    <Badge tone={tone} icon={icon} title={title}>
      {text}
    </Badge>
  );
}

// --- helpers ---

const stateLooks: Readonly<Record<string, { tone: Tone; icon: IconName; text: string }>> = {
  // Credentials and cells
  active: { tone: "ok", icon: "ok", text: "active" },
  cooling: { tone: "warn", icon: "clock", text: "cooling" },
  disabled: { tone: "bad", icon: "ban", text: "disabled" },
  off: { tone: "neutral", icon: "off", text: "off" },
  full: { tone: "warn", icon: "clock", text: "full" },
  unavailable: { tone: "neutral", icon: "minus", text: "unavailable" },
  recovering: { tone: "info", icon: "retry", text: "recovering" },
  room: { tone: "ok", icon: "ok", text: "room" },
  enabled: { tone: "ok", icon: "ok", text: "on" },
  expired: { tone: "bad", icon: "clock", text: "expired" },
  // Calls
  ok: { tone: "ok", icon: "ok", text: "ok" },
  error: { tone: "bad", icon: "error", text: "error" },
  refused: { tone: "warn", icon: "ban", text: "refused" },
  incomplete: { tone: "bad", icon: "warning", text: "incomplete" },
  cancelled: { tone: "neutral", icon: "close", text: "cancelled" },
  interrupted: { tone: "bad", icon: "warning", text: "interrupted" },
  // Health
  healthy: { tone: "ok", icon: "ok", text: "healthy" },
  degraded: { tone: "warn", icon: "warning", text: "degraded" },
  unhealthy: { tone: "bad", icon: "error", text: "unhealthy" },
  // Attention
  critical: { tone: "bad", icon: "error", text: "critical" },
  warning: { tone: "warn", icon: "warning", text: "warning" },
  info: { tone: "info", icon: "info", text: "info" },
  // Jobs, checks, audit
  running: { tone: "info", icon: "clock", text: "running" },
  done: { tone: "ok", icon: "ok", text: "done" },
  failed: { tone: "bad", icon: "error", text: "failed" },
  added: { tone: "ok", icon: "plus", text: "added" },
  duplicate: { tone: "neutral", icon: "copy", text: "duplicate" },
  rejected: { tone: "bad", icon: "error", text: "rejected" },
};
