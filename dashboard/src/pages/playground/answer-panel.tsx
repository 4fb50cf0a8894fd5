/**
 * The answer as it comes: text, raw events, headers. Everything is drawn as text, never as markup.
 * @module
 */
import { type ReactNode, useState } from "react";
import { formatCount, formatDuration } from "../../lib/format.ts";
import { Badge, type Tone } from "../../ui/badge.tsx";
import { Card } from "../../ui/card.tsx";
import { CodeBlock, CopyButton } from "../../ui/code.tsx";
import { EmptyState, Notice } from "../../ui/states.tsx";
import { Tabs } from "../../ui/tabs.tsx";
import type { Run } from "./run.ts";

/** The box with the answer. */
export function AnswerPanel({ run, actions }: { run: Run | null; actions?: ReactNode }): ReactNode {
  const [tab, setTab] = useState<"text" | "events" | "headers">("text");
  if (run === null)
    return (
      <Card title="Answer">
        <EmptyState
          title="Nothing was sent yet"
          body="The call goes through this gateway's own address, as any client's would."
        />
      </Card>
    );
  return (
    <Card title="Answer" actions={actions}>
      <div className="flex flex-col gap-3">
        <StatusLine run={run} />
        <Tabs
          label="Views of the answer"
          value={tab}
          onChange={setTab}
          tabs={[
            { value: "text", label: "Text", panel: <AnswerText run={run} /> },
            {
              value: "events",
              label: `Raw${run.events.length === 0 ? "" : ` (${formatCount(run.events.length + run.moreEvents)})`}`,
              panel: <RawEvents run={run} />,
            },
            { value: "headers", label: "Headers", panel: <HeaderList run={run} /> },
          ]}
        />
      </div>
    </Card>
  );
}

// --- helpers ---

const stateNames: Readonly<Record<Run["state"], { text: string; tone: Tone }>> = {
  sending: { text: "waiting", tone: "info" },
  reading: { text: "reading", tone: "info" },
  done: { text: "done", tone: "ok" },
  aborted: { text: "stopped", tone: "neutral" },
  failed: { text: "failed", tone: "bad" },
};

function StatusLine({ run }: { run: Run }): ReactNode {
  const state = stateNames[run.state];
  const tone: Tone = run.status === null ? "neutral" : run.status >= 500 ? "bad" : run.status >= 400 ? "warn" : "ok";
  const facts = [
    run.firstByteMs === null ? null : `first byte ${formatDuration(run.firstByteMs)}`,
    run.totalMs === null ? null : `total ${formatDuration(run.totalMs)}`,
    run.bytes === 0 ? null : `${formatCount(run.bytes)} bytes`,
    run.answer.finishReason === null ? null : `ended: ${run.answer.finishReason}`,
    ...Object.entries(run.answer.usage)
      .filter(([name]) => /total/i.test(name))
      .map(([name, count]) => `${name} ${formatCount(count)}`),
  ].filter((fact) => fact !== null);
  return (
    <div role="status" className="flex flex-wrap items-center gap-x-3 gap-y-1 text-xs text-ink-soft tabular-nums">
      <Badge tone={state.tone}>{state.text}</Badge>
      {run.status !== null && <Badge tone={tone}>HTTP {run.status}</Badge>}
      {facts.map((fact) => (
        <span key={fact}>{fact}</span>
      ))}
    </div>
  );
}

function AnswerText({ run }: { run: Run }): ReactNode {
  const { answer } = run;
  const nothing = answer.text === "" && answer.thoughts === "" && answer.calls.length === 0 && answer.error === null;
  return (
    <div className="flex flex-col gap-3">
      {run.failure !== null && <Notice tone="warn">{run.failure}</Notice>}
      {answer.error !== null && <Notice tone="warn">{answer.error}</Notice>}
      {answer.thoughts !== "" && (
        <details className="rounded-md border border-line p-3">
          <summary className="text-xs font-medium text-ink-soft">Thoughts</summary>
          <p className="mt-2 text-sm break-words whitespace-pre-wrap text-ink-soft">{answer.thoughts}</p>
        </details>
      )}
      {answer.text !== "" && (
        <div className="relative">
          <p className="max-h-[60dvh] overflow-y-auto rounded-md bg-sunken p-3 pr-10 text-sm leading-6 break-words whitespace-pre-wrap">
            {answer.text}
          </p>
          <span className="absolute top-1.5 right-1.5">
            <CopyButton text={answer.text} iconOnly label="Copy answer" />
          </span>
        </div>
      )}
      {answer.calls.map((one, index) => (
        <CodeBlock key={index} text={one} language="function call" />
      ))}
      {answer.other.length > 0 && (
        <p className="text-xs text-ink-soft">Not shown: {[...new Set(answer.other)].join(", ")}. It is under Raw.</p>
      )}
      {nothing && run.state === "done" && run.failure === null && (
        <p className="text-sm text-ink-soft">There is no text in this answer. Look under Raw.</p>
      )}
      {(run.state === "sending" || run.state === "reading") && nothing && run.failure === null && (
        <p className="flex items-center gap-2 text-sm text-ink-soft">
          <span className="spinner" aria-hidden="true" /> Waiting for the first words
        </p>
      )}
    </div>
  );
}

/** Events that are drawn; more of them would only make the page slow. */
const mostShown = 200;

function RawEvents({ run }: { run: Run }): ReactNode {
  if (run.events.length === 0) return <p className="text-sm text-ink-soft">Nothing came yet.</p>;
  const hidden = Math.max(0, run.events.length - mostShown) + run.moreEvents;
  return (
    <div className="flex flex-col gap-2">
      <div className="flex items-center justify-between gap-2">
        <p className="text-xs text-ink-soft">
          {hidden === 0 ? "" : `The first ${mostShown} are shown; ${hidden} more came.`}
        </p>
        <CopyButton label="Copy all" text={() => run.events.map((event) => event.data).join("\n")} />
      </div>
      <ol className="max-h-[60dvh] overflow-auto rounded-md border border-line bg-sunken font-mono text-xs">
        {run.events.slice(0, mostShown).map((event, index) => (
          <li key={index} className="grid grid-cols-[4.5rem_1fr] gap-2 border-b border-line px-2 py-1 last:border-b-0">
            <span className="text-ink-faint tabular-nums">{formatDuration(event.atMs)}</span>
            <span className="break-all whitespace-pre-wrap">
              {event.type !== "message" && <span className="text-ink-faint">{event.type} </span>}
              {event.data}
            </span>
          </li>
        ))}
      </ol>
    </div>
  );
}

function HeaderList({ run }: { run: Run }): ReactNode {
  if (run.headers.length === 0) return <p className="text-sm text-ink-soft">No answer yet.</p>;
  return (
    <dl className="grid grid-cols-[max-content_1fr] gap-x-4 gap-y-1 font-mono text-xs">
      {run.headers.map(([name, value]) => (
        <div key={name} className="contents">
          <dt className="text-ink-faint">{name}</dt>
          <dd className="break-all">{value}</dd>
        </div>
      ))}
    </dl>
  );
}
