/**
 * Fields of a client key, for making and for changing one.
 * @module
 */
import type { ReactNode } from "react";
import { useZone } from "../../lib/use-zone.ts";
import { TextArea, TextField } from "../../ui/field.tsx";
import { Select } from "../../ui/select.tsx";
import type { ClientForm } from "./client-form.ts";

/** The fields. `fault` is shown at its field. */
export function ClientFields({
  form,
  onChange,
  fault,
}: {
  form: ClientForm;
  onChange: (fields: Partial<ClientForm>) => void;
  fault: { field: keyof ClientForm; reason: string } | null;
}): ReactNode {
  const zone = useZone();
  const errorOf = (field: keyof ClientForm): string | null => (fault?.field === field ? fault.reason : null);
  const number = (field: NumberField, label: string): ReactNode => (
    <TextField
      key={field}
      label={label}
      inputMode="decimal"
      value={form[field]}
      error={errorOf(field)}
      placeholder="no limit"
      onChange={(value) => onChange({ [field]: value })}
    />
  );
  return (
    <div className="flex flex-col gap-4">
      <div className="grid gap-3 sm:grid-cols-2">
        <TextField
          label="Name"
          value={form.name}
          maxLength={100}
          error={errorOf("name")}
          placeholder="laptop, ci, chat-app"
          onChange={(name) => onChange({ name })}
        />
        <TextField
          label="Expires"
          type="datetime-local"
          value={form.expiresAt}
          error={errorOf("expiresAt")}
          hint={`In ${zone.replaceAll("_", " ")}. Empty: never.`}
          onChange={(expiresAt) => onChange({ expiresAt })}
        />
      </div>
      <TextArea
        label="Models"
        rows={2}
        value={form.models}
        error={errorOf("models")}
        hint="One a line; a trailing * takes a family. Empty: all."
        onChange={(models) => onChange({ models })}
      />
      <fieldset className="flex flex-col gap-2">
        <legend className="text-sm font-semibold">Rates</legend>
        <div className="grid grid-cols-2 gap-3">
          {number("requestsPerMinute", "Requests per minute")}
          {number("requestsPerDay", "Requests per day")}
          {number("tokensPerMinute", "Tokens per minute")}
          {number("concurrency", "Calls at once")}
        </div>
      </fieldset>
      <fieldset className="flex flex-col gap-2">
        <legend className="text-sm font-semibold">Budgets, dollars</legend>
        <div className="grid grid-cols-2 gap-3 sm:grid-cols-4">
          {number("budgetDay", "A day")}
          {number("budgetWeek", "A week")}
          {number("budgetMonth", "A month")}
          {number("budgetTotal", "In all")}
        </div>
        <p className="text-xs text-ink-faint">
          Days, weeks and months begin by LIMIT_TIME_ZONE. A budget is reserved before a call and settled after it.
        </p>
      </fieldset>
      <TextArea
        label="Address ranges"
        rows={2}
        value={form.ipRanges}
        error={errorOf("ipRanges")}
        hint="10.0.0.0/8, 2001:db8::/32, one a line. Empty: from anywhere."
        onChange={(ipRanges) => onChange({ ipRanges })}
      />
      <TextArea
        label="Model aliases"
        rows={2}
        mono
        value={form.aliases}
        error={errorOf("aliases")}
        hint="fast = gemini-3.8-flash, one a line. They go before the gateway's own."
        onChange={(aliases) => onChange({ aliases })}
      />
      <Select
        label="Files, caches and batches"
        value={form.resourceScope}
        options={[
          { value: "own", label: "Its own only" },
          { value: "shared", label: "Shared", hint: "Makes and sees those that belong to everyone." },
        ]}
        onChange={(resourceScope) => onChange({ resourceScope })}
      />
    </div>
  );
}

// --- helpers ---

type NumberField =
  | "requestsPerMinute"
  | "requestsPerDay"
  | "tokensPerMinute"
  | "concurrency"
  | "budgetDay"
  | "budgetWeek"
  | "budgetMonth"
  | "budgetTotal";
