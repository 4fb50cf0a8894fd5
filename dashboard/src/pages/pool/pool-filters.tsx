/**
 * What of the pool is looked at: words, state, tier, project. Counts are filters, too.
 * @module
 */
import { type ReactNode, useEffect, useState } from "react";
import { TextField } from "../../ui/field.tsx";
import { Badge, type Tone } from "../../ui/badge.tsx";
import { FilterBar, FilterChip } from "../../ui/page.tsx";
import { type PoolFilter, filterCount } from "./pool-search.ts";
import type { CredentialState, Matrix } from "./types.ts";

/** The bar of filters. */
export function PoolFilters({
  filter,
  head,
  onChange,
}: {
  filter: PoolFilter;
  head: Matrix | null;
  onChange: (change: PoolFilter, options?: { replace?: boolean }) => void;
}): ReactNode {
  const [words, setWords] = useState(filter.search ?? "");
  useEffect(() => setWords(filter.search ?? ""), [filter.search]);
  // Each key press would be a question to the gateway.
  useEffect(() => {
    const next = words.trim() === "" ? undefined : words.trim();
    if (next === filter.search) return undefined;
    const timer = setTimeout(() => onChange({ search: next }, { replace: true }), 250);
    return () => clearTimeout(timer);
    // `onChange` is a new function each time.
  }, [words, filter.search]);
  const counts = head?.counts;
  const tiers = [...new Set(head?.rows.map((row) => row.tier) ?? [])].sort((left, right) => left - right);
  return (
    <div className="flex flex-col gap-2">
      <FilterBar
        active={filterCount(filter)}
        onClear={() =>
          onChange({ search: undefined, kind: undefined, state: undefined, tier: undefined, projectId: undefined })
        }
      >
        <TextField
          className="w-full sm:w-64"
          label="Search"
          hideLabel
          type="search"
          placeholder="Search name, id, project"
          value={words}
          onChange={setWords}
        />
        <div role="group" aria-label="State" className="flex flex-wrap gap-1">
          {chips.map((chip) => {
            const active = filter.state === chip.state;
            return (
              <button
                key={chip.label}
                type="button"
                aria-pressed={active}
                onClick={() => onChange({ state: active ? undefined : chip.state })}
                className={`inline-flex h-8 items-center gap-1.5 rounded-md border px-2.5 text-sm ${active ? "border-accent bg-accent-soft text-accent" : "border-line bg-surface text-ink-soft hover:bg-hover"}`}
              >
                {chip.label}
                {counts !== undefined && (
                  <Badge tone={counts[chip.count] > 0 ? chip.tone : "neutral"}>
                    {counts[chip.count].toLocaleString("en-US")}
                  </Badge>
                )}
              </button>
            );
          })}
        </div>
        <div role="group" aria-label="Kind" className="flex flex-wrap gap-1">
          {kinds.map(({ kind, label }) => (
            <button
              key={kind}
              type="button"
              aria-pressed={filter.kind === kind}
              onClick={() => onChange({ kind: filter.kind === kind ? undefined : kind })}
              className={`h-8 rounded-md border px-2.5 text-sm ${filter.kind === kind ? "border-accent bg-accent-soft text-accent" : "border-line bg-surface text-ink-soft hover:bg-hover"}`}
            >
              {label}
            </button>
          ))}
        </div>
        {tiers.length > 1 && (
          <div role="group" aria-label="Tier" className="flex flex-wrap gap-1">
            {tiers.slice(0, 6).map((tier) => (
              <button
                key={tier}
                type="button"
                aria-pressed={filter.tier === tier}
                onClick={() => onChange({ tier: filter.tier === tier ? undefined : tier })}
                className={`h-8 rounded-md border px-2.5 text-sm ${filter.tier === tier ? "border-accent bg-accent-soft text-accent" : "border-line bg-surface text-ink-soft hover:bg-hover"}`}
              >
                Tier {tier}
              </button>
            ))}
          </div>
        )}
      </FilterBar>
      {(filter.projectId !== undefined || (filter.tier !== undefined && tiers.length <= 1)) && (
        <div className="flex flex-wrap gap-2">
          {filter.projectId !== undefined && (
            <FilterChip name="project" value={filter.projectId} onRemove={() => onChange({ projectId: undefined })} />
          )}
          {filter.tier !== undefined && tiers.length <= 1 && (
            <FilterChip name="tier" value={String(filter.tier)} onRemove={() => onChange({ tier: undefined })} />
          )}
        </div>
      )}
    </div>
  );
}

// --- helpers ---

const kinds = [
  { kind: "api-key", label: "Keys" },
  { kind: "code-assist", label: "Accounts" },
] as const;

const chips: readonly {
  label: string;
  state: CredentialState | undefined;
  count: "total" | "usable" | "cooling" | "disabled" | "off";
  tone: Tone;
}[] = [
  { label: "All", state: undefined, count: "total", tone: "neutral" },
  { label: "Usable", state: "active", count: "usable", tone: "ok" },
  { label: "Cooling", state: "cooling", count: "cooling", tone: "warn" },
  { label: "Disabled", state: "disabled", count: "disabled", tone: "bad" },
  { label: "Off", state: "off", count: "off", tone: "neutral" },
];
