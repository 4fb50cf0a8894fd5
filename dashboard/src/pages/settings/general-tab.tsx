/**
 * All settings by their headings. Changes gather in a draft; the gateway checks each as its field is left, and all of
 * them together before they are stored.
 * @module
 */
import { type ReactNode, useState } from "react";
import { call } from "../../api/client.ts";
import { asApiError } from "../../api/error.ts";
import { useApi, useChange, useIsAdmin } from "../../api/queries.ts";
import type { Setting } from "../../api/types.ts";
import { useSearch } from "../../lib/use-search.ts";
import { Badge } from "../../ui/badge.tsx";
import { Button } from "../../ui/button.tsx";
import { Card } from "../../ui/card.tsx";
import { Dialog } from "../../ui/dialog.tsx";
import { TextField } from "../../ui/field.tsx";
import { EmptyState, ErrorState, Skeleton } from "../../ui/states.tsx";
import { useToast } from "../../ui/toast.tsx";
import { SettingEditor } from "./setting-editor.tsx";
import {
  type DraftLine,
  draftLines,
  faultsByName,
  groupSettings,
  type SettingsDraft,
  withChange,
} from "./settings-draft.ts";
import { settingsShape } from "./settings-search.ts";
import { faultOf } from "./setting-values.ts";

/** The tab. */
export function GeneralTab(): ReactNode {
  const [search, change] = useSearch(settingsShape);
  const isAdmin = useIsAdmin();
  const settings = useApi("listSettings", {});
  const [draft, setDraft] = useState<SettingsDraft>({});
  const [faults, setFaults] = useState<Readonly<Record<string, string>>>({});
  const [reviewing, setReviewing] = useState(false);
  if (settings.data === undefined)
    return settings.error === null ? (
      <Skeleton lines={10} />
    ) : (
      <ErrorState error={settings.error} onRetry={() => void settings.refetch()} />
    );
  const all = settings.data.settings;
  const groups = groupSettings(all, search.search ?? "");
  const set = (setting: Setting, text: string | null): void => {
    setDraft((before) => withChange(before, { setting, text }));
    setFaults(({ [setting.name]: _old, ...others }) => others);
  };
  const check = async (setting: Setting): Promise<void> => {
    const text = draft[setting.name];
    if (!isAdmin || text == null || faultOf(setting, text) !== null) return;
    try {
      await call("changeSettings", { body: { changes: { [setting.name]: text }, dryRun: true } });
    } catch (thrown) {
      const error = asApiError(thrown);
      // No answer says nothing of the value.
      if (error.status >= 400 && error.status < 500)
        setFaults((before) => ({ ...before, ...faultsByName(error, [setting.name]) }));
    }
  };
  const lines = draftLines(all, draft).map((line) => ({ ...line, fault: line.fault ?? faults[line.name] ?? null }));
  return (
    <div className="flex flex-col gap-4">
      <TextField
        className="w-full sm:w-80"
        label="Search settings"
        hideLabel
        type="search"
        placeholder="Search names, help, values"
        value={search.search ?? ""}
        onChange={(words) => change({ search: words === "" ? undefined : words }, { replace: true })}
      />
      {groups.length === 0 && <EmptyState title="No setting fits" />}
      {groups.map((group) => (
        <Card key={group.name} title={group.name} flush>
          <div className="border-t border-line">
            {group.settings.map((setting) => (
              <SettingEditor
                key={setting.name}
                setting={setting}
                draft={draft}
                fault={faults[setting.name] ?? null}
                readOnly={!isAdmin}
                onChange={(text) => set(setting, text)}
                onLeave={() => void check(setting)}
              />
            ))}
          </div>
        </Card>
      ))}
      {lines.length > 0 && (
        <div
          role="region"
          aria-label="Changes not saved"
          className="sticky bottom-3 z-20 flex flex-wrap items-center gap-3 rounded-lg border border-accent bg-raised px-4 py-3 shadow-lg"
        >
          <p role="status" className="min-w-0 flex-1 text-sm">
            <strong className="font-medium">
              {lines.length} {lines.length === 1 ? "change" : "changes"} not saved
            </strong>
            <span className="block truncate text-xs text-ink-soft">{lines.map((line) => line.name).join(", ")}</span>
          </p>
          <Button
            onClick={() => {
              setDraft({});
              setFaults({});
            }}
          >
            Discard
          </Button>
          <Button kind="primary" onClick={() => setReviewing(true)}>
            Review and save
          </Button>
        </div>
      )}
      {reviewing && lines.length > 0 && (
        <ReviewDialog
          lines={lines}
          draft={draft}
          onClose={() => setReviewing(false)}
          onFaults={(found) => setFaults((before) => ({ ...before, ...found }))}
          onSaved={() => {
            setDraft({});
            setFaults({});
            setReviewing(false);
          }}
        />
      )}
    </div>
  );
}

// --- helpers ---

function ReviewDialog({
  lines,
  draft,
  onClose,
  onFaults,
  onSaved,
}: {
  lines: readonly DraftLine[];
  draft: SettingsDraft;
  onClose: () => void;
  onFaults: (faults: Record<string, string>) => void;
  onSaved: () => void;
}): ReactNode {
  const toast = useToast();
  const save = useChange("changeSettings", { refreshes: ["listSettings", "getHealth", "getAttention"] });
  const wrong = lines.some((line) => line.fault !== null);
  const submit = (): void =>
    save.mutate(
      { body: { changes: { ...draft } } },
      {
        onSuccess: ({ changed, afterRestart, outranked }) => {
          const notes = [
            afterRestart.length > 0 ? `${afterRestart.join(", ")} after a restart` : null,
            outranked.length > 0 ? `${outranked.join(", ")} stay outranked` : null,
          ].filter((note) => note !== null);
          toast.done(`${changed.length} saved${notes.length === 0 ? "" : `; ${notes.join("; ")}`}.`);
          onSaved();
        },
        onError: (error) => onFaults(faultsByName(error, Object.keys(draft))),
      },
    );
  return (
    <Dialog
      open
      wide
      onOpenChange={(open) => {
        if (!open) onClose();
      }}
      title="Save these changes?"
      actions={
        <>
          <Button onClick={onClose}>Back</Button>
          <Button
            kind="primary"
            busy={save.isPending}
            disabled={wrong}
            title={wrong ? "Mend what is marked first" : undefined}
            onClick={submit}
          >
            Save {lines.length}
          </Button>
        </>
      }
    >
      <ul className="flex flex-col divide-y divide-line">
        {lines.map((line) => (
          <li key={line.name} className="flex flex-col gap-1 py-2 text-sm">
            <span className="flex flex-wrap items-center gap-2">
              <span className="font-mono text-xs font-medium">{line.name}</span>
              <Badge tone={line.when === "at once" ? "ok" : line.when === "after a restart" ? "info" : "warn"}>
                {line.when}
              </Badge>
            </span>
            <span className="grid grid-cols-[3rem_1fr] gap-x-2 text-xs break-all">
              <span className="text-ink-faint">was</span>
              <span className="text-ink-soft">{line.before}</span>
              <span className="text-ink-faint">will be</span>
              <span>{line.after}</span>
            </span>
            {line.fault !== null && (
              <span role="alert" className="text-xs text-bad">
                {line.fault}
              </span>
            )}
          </li>
        ))}
      </ul>
      {save.error !== null && <ErrorState error={save.error} compact />}
    </Dialog>
  );
}
