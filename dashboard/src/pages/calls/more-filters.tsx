/**
 * Filters that are needed seldom.
 * @module
 */
import type { ReactNode } from "react";
import type { CallsSearch } from "../../lib/calls-search.ts";
import { Select } from "../../ui/select.tsx";
import { DraftField } from "./draft-field.tsx";

interface FilterProps {
  search: CallsSearch;
  onChange: (change: CallsSearch) => void;
}

/** Dialect, operation, credential, rule, retried. */
export function WordFilters({ search, onChange }: FilterProps): ReactNode {
  const words = [
    { name: "credentialId", label: "Credential id", hint: "At least one attempt was made with it" },
    { name: "rule", label: "Rule or error code", hint: "Of any attempt, or the gateway's own" },
    { name: "operation", label: "Operation", hint: "generate, stream-generate, chat, embed …" },
  ] as const;
  return (
    <>
      {words.map(({ name, label, hint }) => (
        <DraftField
          key={`${name} ${search[name]}`}
          label={label}
          hint={hint}
          maxLength={name === "operation" ? 40 : 100}
          value={search[name] ?? ""}
          onCommit={(text) => onChange({ [name]: text === "" ? undefined : text })}
        />
      ))}
      <div className="grid grid-cols-2 gap-2">
        <Select
          label="Dialect"
          value={search.dialect ?? ""}
          onChange={(dialect) => onChange({ dialect: dialect === "" ? undefined : dialect })}
          options={[
            { value: "", label: "All" },
            ...["gemini", "openai-chat", "openai-responses", "anthropic"].map((value) => ({ value, label: value })),
          ]}
        />
        <Select
          label="Retried"
          value={search.retried === undefined ? "" : search.retried ? "true" : "false"}
          onChange={(text) => onChange({ retried: text === "" ? undefined : text === "true" })}
          options={[
            { value: "", label: "All" },
            { value: "true", label: "More than once" },
            { value: "false", label: "At most once" },
          ]}
        />
      </div>
    </>
  );
}

/** Duration and cost, from and to. */
export function NumberFilters({ search, onChange }: FilterProps): ReactNode {
  const numbers = [
    { name: "minMs", label: "At least (ms)" },
    { name: "maxMs", label: "At most (ms)" },
    { name: "minCostUsd", label: "At least ($)" },
    { name: "maxCostUsd", label: "At most ($)" },
  ] as const;
  return (
    <div className="grid grid-cols-2 gap-2">
      {numbers.map(({ name, label }) => (
        <DraftField
          key={`${name} ${search[name]}`}
          label={label}
          inputMode="decimal"
          value={search[name] === undefined ? "" : String(search[name])}
          onCommit={(text) => {
            const value = Number(text.replace(",", "."));
            onChange({ [name]: text !== "" && Number.isFinite(value) && value >= 0 ? value : undefined });
          }}
        />
      ))}
    </div>
  );
}
