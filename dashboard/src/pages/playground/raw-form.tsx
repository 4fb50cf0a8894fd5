/**
 * The raw mode: any path of the gateway that serves models, and a JSON body.
 * @module
 */
import type { ReactNode } from "react";
import { Button } from "../../ui/button.tsx";
import { TextArea, TextField } from "../../ui/field.tsx";
import { Select } from "../../ui/select.tsx";
import { jsonFault, type RawForm } from "./replay.ts";

/** Fields of a raw request. */
export function RawRequestForm({
  form,
  onChange,
  pathFault,
}: {
  form: RawForm;
  onChange: (fields: Partial<RawForm>) => void;
  pathFault: string | null;
}): ReactNode {
  const fault = form.method === "GET" ? null : jsonFault(form.body);
  const indent = (): void => {
    if (jsonFault(form.body) === null && form.body.trim() !== "")
      onChange({ body: JSON.stringify(JSON.parse(form.body), null, 2) });
  };
  return (
    <div className="flex flex-col gap-3">
      <div className="flex items-start gap-2">
        <Select
          label="Method"
          className="w-24 shrink-0"
          value={form.method}
          options={[
            { value: "POST", label: "POST" },
            { value: "GET", label: "GET" },
          ]}
          onChange={(method) => onChange({ method })}
        />
        <TextField
          label="Path"
          className="flex-1"
          value={form.path}
          error={pathFault}
          hint="Below /v1beta, /v1 or /v1alpha of this gateway, with its query."
          onChange={(path) => onChange({ path })}
        />
      </div>
      {form.method === "POST" && (
        <>
          <TextArea
            label="Body (JSON)"
            mono
            rows={16}
            value={form.body}
            error={fault}
            onChange={(body) => onChange({ body })}
          />
          <Button size="small" className="self-start" disabled={fault !== null} onClick={indent}>
            Indent
          </Button>
        </>
      )}
    </div>
  );
}
