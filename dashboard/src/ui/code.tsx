/**
 * Text to copy: code, ids, secrets that are told once. Everything is drawn as text.
 * @module
 */
import { type ReactNode, useEffect, useState } from "react";
import { Button, IconButton } from "./button.tsx";
import { Icon } from "./icons.tsx";

/** Copies a text. @param props.iconOnly without words, @default false */
export function CopyButton({
  text,
  label = "Copy",
  iconOnly = false,
}: {
  /** Or what makes it, when it is long. */
  text: string | (() => string);
  label?: string;
  iconOnly?: boolean;
}): ReactNode {
  const [state, setState] = useState<"idle" | "done" | "failed">("idle");
  useEffect(() => {
    if (state === "idle") return undefined;
    const timer = setTimeout(() => setState("idle"), 2_000);
    return () => clearTimeout(timer);
  }, [state]);
  const copy = (): void => {
    void copyText(typeof text === "string" ? text : text()).then((done) => setState(done ? "done" : "failed"));
  };
  const icon = state === "done" ? "check" : state === "failed" ? "error" : "copy";
  const words = state === "done" ? "Copied" : state === "failed" ? "Copying was refused" : label;
  return (
    <>
      {iconOnly ? (
        <IconButton icon={icon} label={words} size="small" onClick={copy} />
      ) : (
        <Button icon={icon} size="small" onClick={copy}>
          {words}
        </Button>
      )}
      <span role="status" className="sr-only">
        {state === "idle" ? "" : words}
      </span>
    </>
  );
}

/** Code in a box that scrolls, with a button to copy it. */
export function CodeBlock({
  text,
  language,
  maxHeight = "24rem",
  label,
}: {
  text: string;
  /** Shown in the corner: `json`, `bash`. */
  language?: string;
  maxHeight?: string;
  /** Read out. @default the language */
  label?: string;
}): ReactNode {
  return (
    <div className="relative min-w-0 rounded-md border border-line bg-sunken">
      <div className="flex items-center justify-between gap-2 border-b border-line py-1 pr-1 pl-3">
        <span className="text-xs text-ink-faint">{language ?? "text"}</span>
        <CopyButton text={text} iconOnly label={`Copy ${label ?? language ?? "text"}`} />
      </div>
      <pre
        role="region"
        aria-label={label ?? language ?? "code"}
        tabIndex={0}
        style={{ maxHeight }}
        className="overflow-auto p-3 font-mono text-xs leading-5 text-ink"
      >
        <code>{text}</code>
      </pre>
    </div>
  );
}

/** A secret that is told once: hidden until asked for, with a warning that it will not be seen again. */
export function KeyOnce({ label, value }: { label: string; value: string }): ReactNode {
  const [shown, setShown] = useState(false);
  return (
    <div className="rounded-md border border-warn bg-warn-soft p-3">
      <p className="flex items-center gap-2 text-sm font-medium text-ink">
        <Icon name="key" className="text-warn" />
        {label}
      </p>
      <div className="mt-2 flex flex-wrap items-center gap-2">
        <code className="min-w-0 flex-1 rounded bg-surface px-2 py-1.5 font-mono text-xs break-all text-ink">
          {shown ? value : `${value.slice(0, 7)}${"•".repeat(24)}`}
        </code>
        <Button size="small" onClick={() => setShown(!shown)} aria-pressed={shown}>
          {shown ? "Hide" : "Show"}
        </Button>
        <CopyButton text={value} />
      </div>
      <p className="mt-2 text-xs text-ink-soft">
        Copy it now: it is stored as a digest only and cannot be shown again.
      </p>
    </div>
  );
}

// --- helpers ---

async function copyText(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    // Plain HTTP on another machine than this one: there is no clipboard API. The old way still works there.
    return copyByCommand(text);
  }
}

function copyByCommand(text: string): boolean {
  const area = document.createElement("textarea");
  area.value = text;
  area.setAttribute("readonly", "");
  area.className = "fixed top-0 left-0 opacity-0";
  // Inside of a dialog the focus may not leave it.
  (document.activeElement?.parentElement ?? document.body).append(area);
  area.select();
  try {
    // oxlint-disable-next-line typescript/no-deprecated -- the only way on plain HTTP, where the clipboard API is missing
    return document.execCommand("copy");
  } catch {
    return false;
  } finally {
    area.remove();
  }
}
