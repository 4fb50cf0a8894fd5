/**
 * Buttons and links, inside and out of the dashboard.
 * @module
 */
import { useRouter } from "@tanstack/react-router";
import type { ComponentPropsWithRef, MouseEvent, ReactNode } from "react";
import { linkTarget } from "../lib/links.ts";
import { Icon, type IconName } from "./icons.tsx";

/** How a button looks. `primary`: the one main action of a view. */
export type ButtonKind = "primary" | "secondary" | "quiet" | "danger";

/** Takes all that `<button>` does. */
export interface ButtonProps extends ComponentPropsWithRef<"button"> {
  /** @default secondary */
  kind?: ButtonKind;
  /** Before the text. */
  icon?: IconName;
  /** Shows that it works, and cannot be pressed meanwhile. @default false */
  busy?: boolean;
  /** @default medium */
  size?: "small" | "medium";
}

/** A button with text. */
export function Button({ kind = "secondary", icon, busy = false, size = "medium", ...rest }: ButtonProps): ReactNode {
  return (
    <button
      type="button"
      {...rest}
      disabled={rest.disabled === true || busy}
      aria-busy={busy || undefined}
      className={`${buttonClasses({ kind, size })} ${rest.className ?? ""}`}
    >
      {busy ? <span className="spinner" aria-hidden="true" /> : icon !== undefined && <Icon name={icon} />}
      {rest.children}
    </button>
  );
}

/** A button that is an icon; `label` is read out and shown on hover. */
export function IconButton({
  icon,
  label,
  kind = "quiet",
  size = "medium",
  ...rest
}: Omit<ButtonProps, "children" | "busy" | "aria-label"> & { icon: IconName; label: string }): ReactNode {
  return (
    <button
      type="button"
      title={label}
      {...rest}
      aria-label={label}
      className={`${buttonClasses({ kind, size })} ${size === "small" ? "w-7" : "w-8"} !px-0 ${rest.className ?? ""}`}
    >
      <Icon name={icon} />
    </button>
  );
}

/** The classes of a button, for elements that must look like one. */
export function buttonClasses({ kind, size }: { kind: ButtonKind; size: "small" | "medium" }): string {
  return `btn btn-${kind} ${size === "small" ? "h-7 px-2 text-xs" : "h-8 px-3 text-sm"}`;
}

/** Takes all that `<a>` does but `href`. */
export interface LinkProps extends Omit<ComponentPropsWithRef<"a">, "href"> {
  /** `/calls?model=x` inside the dashboard, or `https://…`. See lib/search.ts pageLink. */
  to: string;
  /** Looks like a button. */
  button?: ButtonKind;
  icon?: IconName;
  /** Without underline and colour of its own. @default false */
  plain?: boolean;
}

/** A link. Inside the dashboard it changes the page without loading it; other sites open in a new tab. */
export function Link({ to, button, icon, plain = false, onClick, ...rest }: LinkProps): ReactNode {
  const router = useRouter();
  const target = linkTarget(to);
  const look = button !== undefined ? buttonClasses({ kind: button, size: "medium" }) : plain ? "" : "link";
  const className = `${look} ${rest.className ?? ""}`;
  const content = (
    <>
      {icon !== undefined && <Icon name={icon} />}
      {rest.children}
    </>
  );
  if (target.kind === "blocked") return <span className={rest.className}>{content}</span>;
  if (target.kind === "outside") {
    const away = target.address.startsWith("#") ? {} : { target: "_blank", rel: "noopener noreferrer" };
    return (
      <a {...rest} {...away} href={target.address} className={className} onClick={onClick}>
        {content}
      </a>
    );
  }
  const follow = (event: MouseEvent<HTMLAnchorElement>): void => {
    onClick?.(event);
    // New tabs and windows are the browser's business.
    if (event.defaultPrevented || event.button !== 0) return;
    if (event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
    event.preventDefault();
    router.history.push(target.address);
  };
  return (
    <a {...rest} href={target.address} className={className} onClick={follow}>
      {content}
    </a>
  );
}
