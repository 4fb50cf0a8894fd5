/**
 * Filters of the calls list. All of them live in the address.
 * @module
 */
import { type ReactNode, useId, useState } from "react";
import { useApi } from "../../api/queries.ts";
import { type CallsSearch, countFilters, filterNames, type FilterName, outcomes } from "../../lib/calls-search.ts";
import { formatDuration, formatMoney } from "../../lib/format.ts";
import type { Span } from "../../lib/range.ts";
import { FilterBar, FilterChip } from "../../ui/page.tsx";
import { Select } from "../../ui/select.tsx";
import { Popover } from "../../ui/popover.tsx";
import { DraftField } from "./draft-field.tsx";
import { NumberFilters, WordFilters } from "./more-filters.tsx";
import type { Names } from "./use-names.ts";

/** The row of filters with those that are set under it. */
export function CallFilters({
  search,
  span,
  names,
  onChange,
}: {
  search: CallsSearch;
  span: Span;
  names: Names;
  onChange: (change: CallsSearch) => void;
}): ReactNode {
  const clients = useApi("listClients", {});
  const [wanted, setWanted] = useState(false);
  // Which models there are is asked only by whoever looks for one.
  const models = useApi("getBreakdown", { query: { ...span, by: "model", top: 200 } }, { enabled: wanted });
  const list = useId();
  const clear = (): void => onChange(Object.fromEntries(filterNames.map((name) => [name, undefined])));
  const chips = filterNames.filter((name) => search[name] !== undefined);
  return (
    <div className="flex flex-col gap-2">
      <FilterBar label="Filter calls" active={countFilters(search)} onClear={clear}>
        <DraftField
          key={`model ${search.model}`}
          label="Model"
          className="w-full sm:w-56"
          placeholder="asked or served"
          list={list}
          value={search.model ?? ""}
          onFocus={() => setWanted(true)}
          onCommit={(text) => onChange({ model: text === "" ? undefined : text })}
        />
        <datalist id={list}>
          {models.data?.rows.map(({ key }) => (
            <option key={key} value={key} />
          ))}
        </datalist>
        <Select
          label="Client"
          className="w-[calc(50%-0.25rem)] sm:w-44"
          value={search.clientId ?? ""}
          onChange={(id) => onChange({ clientId: id === "" ? undefined : id })}
          options={[
            { value: "", label: "All clients" },
            ...(clients.data?.clients ?? []).map(({ id, name, prefix }) => ({ value: id, label: name, hint: prefix })),
            ...(search.clientId !== undefined &&
            clients.data?.clients.every(({ id }) => id !== search.clientId) === true
              ? [{ value: search.clientId, label: search.clientId }]
              : []),
          ]}
        />
        <Select
          label="Status"
          className="w-[calc(50%-0.25rem)] sm:w-36"
          value={search.status ?? ""}
          onChange={(status) => onChange({ status: status === "" ? undefined : status })}
          options={[
            { value: "", label: "All" },
            ...[...new Set(["2xx", "4xx", "429", "5xx", ...(search.status === undefined ? [] : [search.status])])].map(
              (value) => ({ value, label: value }),
            ),
          ]}
        />
        <Select
          label="Outcome"
          className="w-[calc(50%-0.25rem)] sm:w-36"
          value={search.outcome ?? ""}
          onChange={(outcome) => onChange({ outcome: outcome === "" ? undefined : outcome })}
          options={[{ value: "", label: "All" }, ...outcomes.map((value) => ({ value, label: value }))]}
        />
        <Popover label="More filters" icon="filter" title="More filters">
          <div className="flex max-h-[70vh] w-80 max-w-full flex-col gap-3 overflow-y-auto">
            <WordFilters search={search} onChange={onChange} />
            <NumberFilters search={search} onChange={onChange} />
          </div>
        </Popover>
      </FilterBar>
      {chips.length > 0 && (
        <ul className="flex flex-wrap gap-1.5" aria-label="Filters that are set">
          {chips.map((name) => (
            <li key={name} className="max-w-full">
              <FilterChip
                name={filterLabels[name]}
                value={chipText(name, { search, names })}
                onRemove={() => onChange({ [name]: undefined })}
              />
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}

// --- helpers ---

const filterLabels: Readonly<Record<FilterName, string>> = {
  model: "model",
  clientId: "client",
  credentialId: "credential",
  outcome: "outcome",
  status: "status",
  dialect: "dialect",
  operation: "operation",
  rule: "rule",
  minMs: "at least",
  maxMs: "at most",
  minCostUsd: "at least",
  maxCostUsd: "at most",
  retried: "retried",
};

function chipText(name: FilterName, { search, names }: { search: CallsSearch; names: Names }): string {
  switch (name) {
    case "clientId":
      return names.client(search.clientId ?? "");
    case "credentialId":
      return names.credential(search.credentialId ?? "");
    case "minMs":
    case "maxMs":
      return formatDuration(search[name] ?? null);
    case "minCostUsd":
    case "maxCostUsd":
      return formatMoney(search[name] ?? null);
    case "retried":
      return search.retried === true ? "yes" : "no";
    default:
      return search[name] ?? "";
  }
}
