/**
 * One setting: its control by its kind, where its value comes from, what outranks it.
 * @module
 */
import type { ReactNode } from "react";
import type { Setting } from "../../api/types.ts";
import { Badge } from "../../ui/badge.tsx";
import { Button } from "../../ui/button.tsx";
import { TextArea, TextField } from "../../ui/field.tsx";
import { Select } from "../../ui/select.tsx";
import { Switch } from "../../ui/switch.tsx";
import { editorOf, faultOf, isOn, listLines, listText, meaningOf, prettyBlock } from "./setting-values.ts";
import { lockReason, outrankedBy, type SettingsDraft, shownText } from "./settings-draft.ts";

/** What an editor takes. */
export interface SettingEditorProps {
  setting: Setting;
  draft: SettingsDraft;
  /** The gateway's own word on the typed value; null: none. */
  fault: string | null;
  /** Null: no longer stored. */
  onChange: (text: string | null) => void;
  /** The field was left: it may be checked. */
  onLeave: () => void;
  readOnly: boolean;
}

/** A row of the settings. */
export function SettingEditor(props: SettingEditorProps): ReactNode {
  const { setting, draft, onChange, readOnly } = props;
  const changed = Object.hasOwn(draft, setting.name);
  const locked = lockReason(setting);
  const outranked = outrankedBy(setting);
  const meaning = meaningOf(setting, shownText(setting, draft));
  const fault = props.fault ?? (changed ? faultOf(setting, draft[setting.name] ?? "") : null);
  return (
    <div className="grid gap-x-6 gap-y-2 border-b border-line px-3 py-3 last:border-b-0 sm:px-4 lg:grid-cols-[minmax(0,1fr)_minmax(16rem,24rem)]">
      <div className="min-w-0 wrap-anywhere">
        <p className="flex flex-wrap items-center gap-2">
          <span className="font-mono text-xs font-medium">{setting.name}</span>
          <SourceBadge setting={setting} />
          {changed && <Badge tone="accent">changed</Badge>}
        </p>
        <p className="mt-1 text-sm text-ink-soft">{setting.help.replaceAll("`", "")}</p>
        <p className="mt-1 text-xs text-ink-faint">
          {setting.default === null ? "No default" : `Default ${setting.default}`}
          {setting.hot ? "" : " · holds after a restart"}
        </p>
      </div>
      <div className="flex min-w-0 flex-col gap-1 wrap-anywhere">
        {locked !== null ? (
          <p className="text-sm">
            {setting.value === null ? (
              "not set"
            ) : setting.secret ? (
              "set"
            ) : (
              <span className="break-all">{setting.value}</span>
            )}
            <span className="mt-1 block text-xs text-ink-faint">{locked}</span>
          </p>
        ) : (
          <Control {...props} fault={fault} />
        )}
        {locked === null && meaning !== null && fault === null && <p className="text-xs text-ink-faint">{meaning}</p>}
        {outranked !== null && locked === null && (
          <p className="text-xs text-warn">
            {outranked} In force: {setting.secret ? "set" : (setting.value ?? "none")}.
          </p>
        )}
        {locked === null && !readOnly && setting.stored !== null && !(changed && draft[setting.name] === null) && (
          <Button size="small" kind="quiet" className="self-start" onClick={() => onChange(null)}>
            Forget the stored value
          </Button>
        )}
      </div>
    </div>
  );
}

// --- helpers ---

const sourceNames = {
  default: { text: "default", tone: "neutral" },
  stored: { text: "stored here", tone: "info" },
  environment: { text: "environment", tone: "warn" },
  flag: { text: "command line", tone: "warn" },
} as const;

function SourceBadge({ setting }: { setting: Setting }): ReactNode {
  const { text, tone } = sourceNames[setting.source];
  return (
    <Badge tone={tone} title="Where the value in force comes from">
      {text}
    </Badge>
  );
}

function Control({ setting, draft, fault, onChange, onLeave, readOnly }: SettingEditorProps): ReactNode {
  const text = shownText(setting, draft);
  const field = { label: setting.name, hideLabel: true, error: fault, disabled: readOnly, onBlur: onLeave };
  switch (editorOf(setting)) {
    case "switch": {
      const on = isOn(text) ?? false;
      return (
        <Switch
          label={`${setting.name}: ${on ? "on" : "off"}`}
          checked={on}
          disabled={readOnly}
          onChange={(next) => onChange(next ? "on" : "off")}
        />
      );
    }
    case "choice":
      return (
        <Select
          label={setting.name}
          hideLabel
          disabled={readOnly}
          error={fault}
          value={text}
          options={(setting.choices ?? []).map((choice) => ({ value: choice, label: choice }))}
          onChange={onChange}
        />
      );
    case "list":
      return (
        <TextArea
          {...field}
          rows={2}
          placeholder="one a line"
          value={listLines(text)}
          // A line that was just begun is still there: what is typed is kept as it is until the field is left.
          onChange={(lines) => onChange(lines)}
          onBlur={() => {
            if (Object.hasOwn(draft, setting.name)) onChange(listText(text));
            onLeave();
          }}
        />
      );
    case "block":
      return (
        <TextArea
          {...field}
          mono
          rows={4}
          value={Object.hasOwn(draft, setting.name) ? text : prettyBlock(text)}
          onChange={onChange}
        />
      );
    default:
      return <TextField {...field} value={text} placeholder={setting.default ?? ""} onChange={onChange} />;
  }
}
