/**
 * Whoever is logged in, and the choices of this browser.
 * @module
 */
import { useQueryClient } from "@tanstack/react-query";
import { type ReactNode, useId, useState } from "react";
import { call, setCsrfToken } from "../api/client.ts";
import { usePreference, writePreference } from "../lib/preferences.ts";
import { Button, Link } from "../ui/button.tsx";
import { Icon, type IconName } from "../ui/icons.tsx";
import { Popover } from "../ui/popover.tsx";
import { useToast } from "../ui/toast.tsx";

/** Name and role, theme, and the way out. */
export function AccountMenu({ name, role }: { name: string; role: string }): ReactNode {
  const client = useQueryClient();
  const toast = useToast();
  const [open, setOpen] = useState(false);
  const [busy, setBusy] = useState(false);
  const logOut = async (): Promise<void> => {
    setBusy(true);
    try {
      await call("deleteSession", {});
      setCsrfToken(null);
      // Nothing of what was seen may be seen by whoever comes next.
      client.removeQueries({ predicate: ({ queryKey }) => queryKey[0] !== "getSession" });
      await client.invalidateQueries({ queryKey: ["getSession"] });
    } catch (thrown) {
      toast.failed(thrown);
    } finally {
      setBusy(false);
    }
  };
  return (
    <Popover
      label={`Logged in as ${name}: account and theme`}
      title="Account"
      icon="user"
      iconOnly
      button="quiet"
      align="end"
      open={open}
      onOpenChange={setOpen}
    >
      <div className="flex w-56 flex-col gap-3">
        <div>
          <p className="font-medium break-words">{name}</p>
          <p className="text-xs text-ink-soft">
            {role === "admin" ? "admin: may change everything" : "viewer: may read"}
          </p>
        </div>
        <ThemeChoice />
        <div className="flex flex-col gap-1 border-t border-line pt-2">
          <Link to="/settings" plain className="menu-item" onClick={() => setOpen(false)}>
            <Icon name="settings" />
            Settings
          </Link>
          <Button kind="quiet" icon="logout" busy={busy} className="!justify-start !px-2" onClick={() => void logOut()}>
            Log out
          </Button>
        </div>
      </div>
    </Popover>
  );
}

// --- helpers ---

const themes = [
  { value: "light", label: "Light", icon: "sun" },
  { value: "dark", label: "Dark", icon: "moon" },
  { value: "system", label: "System", icon: "system" },
] as const satisfies { value: string; label: string; icon: IconName }[];

/** Light, dark, or as the system has it. Kept in this browser. */
function ThemeChoice(): ReactNode {
  const kept = usePreference("theme") ?? "system";
  const group = useId();
  return (
    <fieldset>
      <legend className="mb-1 text-xs text-ink-soft">Theme</legend>
      <div className="grid grid-cols-3 gap-1">
        {themes.map(({ value, label, icon }) => (
          <label
            key={value}
            className="flex cursor-pointer flex-col items-center gap-1 rounded-md border border-line py-1.5 text-xs has-checked:border-accent has-checked:bg-accent-soft has-checked:text-accent has-focus-visible:outline-2 has-focus-visible:outline-offset-2 has-focus-visible:outline-accent"
          >
            <input
              type="radio"
              name={group}
              value={value}
              checked={kept === value}
              onChange={() => chooseTheme(value)}
              className="sr-only"
            />
            <Icon name={icon} />
            {label}
          </label>
        ))}
      </div>
    </fieldset>
  );
}

function chooseTheme(value: (typeof themes)[number]["value"]): void {
  writePreference("theme", value === "system" ? null : value);
  if (value === "system") delete document.documentElement.dataset["theme"];
  else document.documentElement.dataset["theme"] = value;
}
