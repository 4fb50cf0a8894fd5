/**
 * What is asked of each target.
 * @module
 */
import { DIRECT } from "./targets.ts";
import type { Form } from "./lib/types.ts";

/** How the generator loads: as fast as it goes, at a fixed rate, or by holding streams open. */
export type LoadKind = "closed" | "open" | "hold";

/** One workload. */
export interface Workload {
  name: string;
  title: string;
  kind: LoadKind;
  /** Scenario of the mock upstream (see gwbench.c). */
  scenario: string;
  stream: boolean;
  /** Events that a whole stream has. */
  events: number;
  /** Closed loop and hold: connections. Open loop: the most connections. */
  connections: number;
  /** Open loop: calls a second. */
  rate?: number;
  bodySize: number;
  bodyKind: "text" | "b64";
  /** Only this form is asked; without: each target's first form. */
  form?: Form;
  /** Measured on `direct` too, where it is what figures are compared with. */
  withDirect?: boolean;
  /** Duration relative to `--duration`: rare tails and slow streams need longer. */
  stretch: number;
}

/** All workloads in the order of the report. */
export const WORKLOADS: Workload[] = [
  workload("unary", "1 KB unary answer, 64 connections", { scenario: "u1k", connections: 64 }),
  workload("sse", "SSE, 30 events at once, 32 connections", { scenario: "sse30" }),
  workload("sse-writes", "SSE, 30 events in 30 writes back to back, 32 connections", { scenario: "sse30x" }),
  workload("sse-paced", "SSE, 30 events 5 ms apart, 32 streams open", {
    scenario: "sse30p5",
    withDirect: true,
    stretch: 2,
  }),
  workload("rate", "500 calls/s open loop, 1 KB unary", {
    kind: "open",
    scenario: "u1k",
    connections: 1024,
    rate: 500,
    withDirect: true,
    stretch: 2,
  }),
  workload("body-text", "1 MB request body of text, 1 KB answer, 8 connections", {
    scenario: "u1k",
    connections: 8,
    bodySize: 1_048_576,
  }),
  workload("body-b64", "1 MB request body with a base64 image, 1 KB answer, 8 connections", {
    scenario: "u1k",
    connections: 8,
    bodySize: 1_048_576,
    bodyKind: "b64",
    form: "native",
  }),
  workload("chat", "OpenAI chat completions, 1 KB unary answer, 64 connections", {
    scenario: "u1k",
    connections: 64,
    form: "chat",
  }),
  workload("chat-sse", "OpenAI chat completions, SSE, 30 events at once, 32 connections", {
    scenario: "sse30",
    form: "chat",
  }),
  workload("held", "1,000 streams held open, an event a second each", {
    kind: "hold",
    scenario: "sse120p1000",
    connections: 1000,
    stretch: 2,
  }),
];

/** Why a target has no figure in this workload by its nature, or undefined when it takes part. */
export function whyNot(one: Workload, target: { name: string; forms: Form[] }): string | undefined {
  if (target.name === DIRECT) return one.withDirect === true ? undefined : "hidden";
  if (one.form === undefined || target.forms.includes(one.form)) return undefined;
  return one.form === "chat" ? "does not know OpenAI chat" : "has no such call";
}

/** The form in which this target is asked. */
export function formFor(one: Workload, target: { forms: Form[] }): Form {
  return one.form ?? target.forms[0] ?? "native";
}

// --- helpers ---

function workload(name: string, title: string, own: Partial<Workload> & { scenario: string }): Workload {
  const events = Number(/^sse(\d+)/.exec(own.scenario)?.[1] ?? 0);
  const defaults = { kind: "closed", connections: 32, bodySize: 1024, bodyKind: "text", stretch: 1 } as const;
  return { name, title, ...defaults, stream: events > 0, events, ...own };
}
