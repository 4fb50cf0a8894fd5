/**
 * The playground: calls through the gateway's own address, seen from both sides.
 * @module
 */
import { useQuery } from "@tanstack/react-query";
import { type ReactNode, useEffect, useRef, useState } from "react";
import { call } from "../../api/client.ts";
import { useApi, useIsAdmin } from "../../api/queries.ts";
import { textField, wordField } from "../../lib/search.ts";
import { useSearch } from "../../lib/use-search.ts";
import { Button } from "../../ui/button.tsx";
import { Card } from "../../ui/card.tsx";
import { CopyButton } from "../../ui/code.tsx";
import { PageHeader } from "../../ui/page.tsx";
import { ErrorState, Notice } from "../../ui/states.tsx";
import { Tabs } from "../../ui/tabs.tsx";
import { verifyKey } from "../connect/verify.ts";
import { AnswerPanel } from "./answer-panel.tsx";
import { CallOutcomeCard } from "./call-outcome.tsx";
import { CallerChoice, typedKey } from "./caller-choice.tsx";
import { toCurl } from "./curl.ts";
import { createKeyHolder } from "./key-holder.ts";
import { readPath } from "./path.ts";
import { PromptForm } from "./prompt-form.tsx";
import { RawRequestForm } from "./raw-form.tsx";
import { dialectOfPath, emptyRawForm, fromCapture, jsonFault, type RawForm } from "./replay.ts";
import {
  authenticationOf,
  buildRequest,
  firstForm,
  type PlaygroundDialect,
  type PlaygroundForm,
  type PlaygroundRequest,
} from "./request.ts";
import { useRun } from "./use-run.ts";

/** `replay` is the id of a call whose captured request is loaded. */
const shape = { client: textField(200), mode: wordField(["form", "raw"]), replay: textField(100) };

/** The page at `/ui/playground`. */
export function PlaygroundPage(): ReactNode {
  const [search, change] = useSearch(shape);
  const isAdmin = useIsAdmin();
  const clients = useApi("listClients", {});
  const [typed, setTyped] = useState("");
  const [form, setForm] = useState(firstForm);
  const [raw, setRaw] = useState(emptyRawForm);
  const [fault, setFault] = useState<{ field: keyof PlaygroundForm; reason: string } | null>(null);
  const [pathFault, setPathFault] = useState<string | null>(null);
  const keys = useRef(
    createKeyHolder({
      make: (id) => call("createPlaygroundKey", { params: { id } }),
      now: () => Date.now(),
    }),
  ).current;
  const runner = useRun();
  const replay = useReplay(search.replay, setRaw);
  const mode = search.mode ?? (search.replay === undefined ? "form" : "raw");
  const usable = clients.data?.clients.filter((client) => client.enabled) ?? [];
  const caller = !isAdmin ? typedKey : (search.client ?? usable[0]?.id ?? typedKey);
  const key = (): Promise<string> => {
    if (caller !== typedKey) return keys.get(caller);
    return typed === "" ? Promise.reject(new Error("Type a client key first.")) : Promise.resolve(typed);
  };
  const models = useModels(caller, key);

  const prepared = ():
    | { ok: true; request: PlaygroundRequest; dialect: PlaygroundDialect }
    | { ok: false; apply: () => void } => {
    if (mode === "form") {
      const built = buildRequest(form);
      return built.ok
        ? { ok: true, request: built.request, dialect: form.dialect }
        : { ok: false, apply: () => setFault(built) };
    }
    const path = readPath(raw.path, location.origin);
    if (!path.ok) return { ok: false, apply: () => setPathFault(path.reason) };
    const body = raw.method === "GET" ? null : raw.body;
    if (body !== null && jsonFault(body) !== null) return { ok: false, apply: () => undefined };
    const dialect = dialectOfPath(path.path);
    const authentication = authenticationOf(dialect);
    return { ok: true, request: { method: raw.method, path: path.path, body, authentication }, dialect };
  };
  const send = (): void => {
    const ready = prepared();
    if (!ready.ok) ready.apply();
    else runner.start({ ...ready, key, onRefused: () => keys.forget(caller) });
  };
  const changeForm = (fields: Partial<PlaygroundForm>): void => {
    setForm((before) => ({ ...before, ...fields }));
    setFault(null);
  };
  const answered = runner.run?.state === "done" && runner.run.answer.text !== "" && runner.run.answer.error === null;
  const goOn = (): void => {
    const text = runner.run?.answer.text ?? "";
    changeForm({
      turns: [
        ...form.turns.filter((turn) => turn.text.trim() !== ""),
        { role: "model", text },
        { role: "user", text: "" },
      ],
    });
  };
  const ready = prepared();
  return (
    <div className="flex min-w-0 flex-col gap-4">
      <PageHeader
        title="Playground"
        description="Calls through this gateway's own address, with what it did to serve them."
      />
      <div className="grid items-start gap-4 xl:grid-cols-[minmax(0,5fr)_minmax(0,6fr)]">
        <Card>
          <form
            className="flex flex-col gap-4"
            onSubmit={(event) => {
              event.preventDefault();
              send();
            }}
            onKeyDown={(event) => {
              if (event.key === "Enter" && (event.ctrlKey || event.metaKey) && !runner.busy) {
                event.preventDefault();
                send();
              }
            }}
          >
            <CallerChoice
              clients={clients.data?.clients ?? []}
              error={clients.error}
              value={caller}
              onChange={(client) => change({ client }, { replace: true })}
              typed={typed}
              onType={setTyped}
              isAdmin={isAdmin}
            />
            <Tabs
              label="Kind of request"
              value={mode}
              onChange={(next) => change({ mode: next }, { replace: true })}
              tabs={[
                { value: "form", label: "Prompt" },
                { value: "raw", label: "Raw request" },
              ]}
            />
            {replay}
            {mode === "form" ? (
              <PromptForm
                form={form}
                onChange={changeForm}
                fault={fault}
                models={models.names}
                onWantModels={models.want}
              />
            ) : (
              <RawRequestForm
                form={raw}
                pathFault={pathFault}
                onChange={(fields: Partial<RawForm>) => {
                  setRaw((before) => ({ ...before, ...fields }));
                  setPathFault(null);
                }}
              />
            )}
            <div className="flex flex-wrap items-center justify-between gap-2 border-t border-line pt-3">
              {ready.ok ? (
                <CopyButton label="Copy as curl" text={() => toCurl(ready.request, location.origin)} />
              ) : (
                <span />
              )}
              <span className="flex gap-2">
                {runner.busy && (
                  <Button icon="close" onClick={runner.abort}>
                    Stop
                  </Button>
                )}
                <Button
                  type="submit"
                  kind="primary"
                  icon="playground"
                  busy={runner.busy}
                  disabled={caller === typedKey && typed === ""}
                  title={caller === typedKey && typed === "" ? "Choose a client or type a key first" : "Ctrl+Enter"}
                >
                  Send
                </Button>
              </span>
            </div>
          </form>
        </Card>
        <div className="flex min-w-0 flex-col gap-4">
          <AnswerPanel
            run={runner.run}
            actions={
              answered &&
              mode === "form" && (
                <Button size="small" icon="plus" onClick={goOn}>
                  Continue the conversation
                </Button>
              )
            }
          />
          <CallOutcomeCard outcome={runner.outcome} />
        </div>
      </div>
    </div>
  );
}

// --- helpers ---

/** Loads a captured request into the raw form, once. @returns what is said about it */
function useReplay(id: string | undefined, setRaw: (form: RawForm) => void): ReactNode {
  const isAdmin = useIsAdmin();
  const capture = useApi("getCapture", { params: { id: id ?? "-" } }, { enabled: id !== undefined && isAdmin });
  const loaded = useRef<string | null>(null);
  const data = capture.isPlaceholderData ? undefined : capture.data;
  useEffect(() => {
    if (data === undefined || id === undefined || loaded.current === data.callId) return;
    loaded.current = data.callId;
    setRaw(fromCapture(data).form);
  }, [data, id, setRaw]);
  if (id === undefined) return null;
  if (!isAdmin) return <Notice tone="warn">Only admins can load captured requests.</Notice>;
  if (capture.error !== null)
    return capture.error.status === 404 ? (
      <Notice tone="warn">Nothing was captured of that call, or it is deleted by now. See the setting CAPTURE.</Notice>
    ) : (
      <ErrorState error={capture.error} onRetry={() => void capture.refetch()} compact />
    );
  if (data === undefined) return <Notice>Loading the captured request …</Notice>;
  const { warning } = fromCapture(data);
  return (
    <Notice tone={warning === null ? "info" : "warn"}>
      The request of call <span className="font-mono text-xs">{id}</span> was loaded.{" "}
      {warning ?? "Sending it makes a new call, with its own cost."}
    </Notice>
  );
}

/** Names of models for the chosen caller, fetched when they are first wanted. */
function useModels(caller: string, key: () => Promise<string>): { names: readonly string[]; want: () => void } {
  const [wanted, setWanted] = useState<string | null>(null);
  const models = useQuery({
    queryKey: ["playground models", caller],
    enabled: wanted === caller,
    staleTime: 300_000,
    retry: false,
    queryFn: async ({ signal }) => {
      const list = await verifyKey({
        dialect: "gemini",
        key: await key(),
        fetch: (input, init) => fetch(input, init),
        now: () => performance.now(),
        signal,
      });
      return list.ok ? list.models : [];
    },
  });
  return { names: models.data ?? [], want: () => setWanted(caller) };
}
