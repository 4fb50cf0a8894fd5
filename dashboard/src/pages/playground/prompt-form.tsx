/**
 * The form of a prompt: model, system text, turns, and what else the dialect has.
 * @module
 */
import { type ReactNode, useId } from "react";
import { Button, IconButton } from "../../ui/button.tsx";
import { Checkbox, TextArea, TextField } from "../../ui/field.tsx";
import { Select } from "../../ui/select.tsx";
import { Switch } from "../../ui/switch.tsx";
import type { PlaygroundForm, Turn } from "./request.ts";

/** Fields that make a request. */
export function PromptForm({
  form,
  onChange,
  fault,
  models,
  onWantModels,
}: {
  form: PlaygroundForm;
  onChange: (fields: Partial<PlaygroundForm>) => void;
  fault: { field: keyof PlaygroundForm; reason: string } | null;
  /** Offered while typing; any other name may be typed. */
  models: readonly string[];
  /** The field of the model was entered: its list may be fetched now. */
  onWantModels: () => void;
}): ReactNode {
  const list = useId();
  const errorOf = (field: keyof PlaygroundForm): string | null => (fault?.field === field ? fault.reason : null);
  const setTurn = (index: number, turn: Turn): void =>
    onChange({ turns: form.turns.map((one, at) => (at === index ? turn : one)) });
  const addTurn = (): void => {
    const role = form.turns.at(-1)?.role === "user" ? "model" : "user";
    onChange({ turns: [...form.turns, { role, text: "" }] });
  };
  return (
    <div className="flex flex-col gap-3">
      <div className="grid gap-3 sm:grid-cols-2">
        <Select
          label="Dialect"
          value={form.dialect}
          options={[
            { value: "gemini", label: "Gemini", hint: "/v1beta/models/…:generateContent" },
            { value: "openai-chat", label: "OpenAI Chat", hint: "/v1/chat/completions" },
            { value: "openai-responses", label: "OpenAI Responses", hint: "/v1/responses" },
            { value: "anthropic", label: "Anthropic", hint: "/v1/messages" },
          ]}
          onChange={(dialect) => onChange({ dialect })}
        />
        <div>
          <TextField
            label="Model"
            list={list}
            value={form.model}
            error={errorOf("model")}
            onFocus={onWantModels}
            onChange={(model) => onChange({ model })}
          />
          <datalist id={list}>
            {models.map((model) => (
              <option key={model} value={model} />
            ))}
          </datalist>
        </div>
      </div>
      <TextArea label="System text" rows={2} value={form.system} onChange={(system) => onChange({ system })} />
      <fieldset className="flex flex-col gap-2">
        <legend className="mb-1 text-sm font-medium">Conversation</legend>
        {form.turns.map((turn, index) => (
          <div key={index} className="flex items-start gap-2">
            <Select
              label={`Who says turn ${index + 1}`}
              hideLabel
              className="w-24 shrink-0"
              value={turn.role}
              options={[
                { value: "user", label: "User" },
                { value: "model", label: "Model" },
              ]}
              onChange={(role) => setTurn(index, { ...turn, role })}
            />
            <TextArea
              label={`Turn ${index + 1}`}
              hideLabel
              className="flex-1"
              rows={turn.role === "user" && index === form.turns.length - 1 ? 5 : 2}
              value={turn.text}
              placeholder={index === 0 ? "Ask something" : ""}
              onChange={(text) => setTurn(index, { ...turn, text })}
            />
            {form.turns.length > 1 && (
              <IconButton
                icon="trash"
                label={`Remove turn ${index + 1}`}
                onClick={() => onChange({ turns: form.turns.filter((_, at) => at !== index) })}
              />
            )}
          </div>
        ))}
        {errorOf("turns") !== null && (
          <p role="alert" className="text-xs text-bad">
            {errorOf("turns")}
          </p>
        )}
        <Button size="small" icon="plus" className="self-start" onClick={addTurn}>
          Add turn
        </Button>
      </fieldset>
      <div className="grid grid-cols-2 gap-3 sm:grid-cols-3">
        <TextField
          label="Temperature"
          inputMode="decimal"
          placeholder="model's own"
          value={form.temperature}
          error={errorOf("temperature")}
          onChange={(temperature) => onChange({ temperature })}
        />
        <TextField
          label="Most output tokens"
          inputMode="numeric"
          placeholder="model's own"
          value={form.maxTokens}
          error={errorOf("maxTokens")}
          onChange={(maxTokens) => onChange({ maxTokens })}
        />
        <Select
          label="Thinking"
          value={form.thinking}
          options={[
            { value: "default", label: "Model's own" },
            { value: "off", label: "Off", hint: "Not all models can" },
            { value: "low", label: "Low" },
            { value: "high", label: "High" },
          ]}
          onChange={(thinking) => onChange({ thinking })}
        />
      </div>
      <div className="flex flex-wrap gap-x-6 gap-y-2">
        <Switch label="Stream" checked={form.stream} onChange={(stream) => onChange({ stream })} />
        {form.dialect === "gemini" && (
          <Checkbox
            label="Show thoughts"
            checked={form.showThoughts}
            onChange={(showThoughts) => onChange({ showThoughts })}
          />
        )}
      </div>
    </div>
  );
}
