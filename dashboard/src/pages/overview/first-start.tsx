/**
 * The first steps: keys, a client, a call. Gone when all of them are done.
 * @module
 */
import type { ReactNode } from "react";
import { useApi } from "../../api/queries.ts";
import { Link } from "../../ui/button.tsx";
import { Card } from "../../ui/card.tsx";
import { Icon } from "../../ui/icons.tsx";

/** The list of first steps. */
export function FirstStart(): ReactNode {
  const health = useApi("getHealth", {}, { refetchMs: 15_000 });
  const clients = useApi("listClients", {});
  if (health.data === undefined || clients.data === undefined) return null;
  const keys = health.data.pool.total > 0;
  const client = clients.data.clients.length > 0;
  const called = health.data.ledger?.oldestCallMs != null;
  if (called || health.data.ledger === null) return null;
  const steps = [
    {
      done: keys,
      title: "Add Gemini keys",
      body: "Paste API keys, one a line, or a file of another proxy. They are encrypted and never shown again.",
      link: <Link to="/pool?import=true">Add keys</Link>,
    },
    {
      done: client,
      title: "Make a client key",
      body: "Your tools call the gateway with it: with limits, a budget and models of its own.",
      link: <Link to="/clients">Make a client</Link>,
    },
    {
      done: called,
      title: "Make the first call",
      body: "Point a tool at the gateway, or try a prompt here.",
      link: (
        <span className="flex gap-3">
          <Link to="/connect">Connect a tool</Link>
          <Link to="/playground">Playground</Link>
        </span>
      ),
    },
  ];
  const next = steps.findIndex(({ done }) => !done);
  return (
    <Card title="First steps">
      <ol className="flex flex-col gap-1">
        {steps.map((step, index) => (
          <li
            key={step.title}
            aria-current={index === next ? "step" : undefined}
            className={`flex flex-wrap items-start gap-3 rounded-md p-2 ${index === next ? "bg-accent-soft" : ""}`}
          >
            {step.done ? (
              <Icon name="ok" size={20} className="text-ok" />
            ) : (
              <span
                aria-hidden="true"
                className="grid size-5 place-items-center rounded-full border border-line-strong text-xs tabular-nums"
              >
                {index + 1}
              </span>
            )}
            <div className="min-w-0 flex-1 basis-52">
              <p className="font-medium">
                {step.title}
                <span className="sr-only">{step.done ? " (done)" : ""}</span>
              </p>
              <p className="text-ink-soft">{step.body}</p>
            </div>
            {!step.done && step.link}
          </li>
        ))}
      </ol>
    </Card>
  );
}
