/**
 * Asks a target once and looks at the answer, so that nobody is measured for answering quickly and wrongly.
 * @module
 */
import { request } from "node:http";
import { formFor, type Workload } from "../workloads.ts";
import { pathOf } from "./generator.ts";
import type { Form } from "./types.ts";

/** Undefined when the answer is right, else what is wrong with it. */
export async function checkAnswer(options: {
  workload: Workload;
  port: number;
  headers: string[];
  forms: Form[];
}): Promise<string | undefined> {
  const { workload } = options;
  const form = formFor(workload, options);
  // One slow stream more than shows that it works; held streams are checked by the generator (first events).
  if (workload.kind === "hold") return undefined;
  try {
    const answer = await ask({ ...options, path: pathOf(workload, form), body: smallBody(workload, form) });
    if (answer.status !== 200) return `answered ${answer.status}: ${answer.text.slice(0, 160)}`;
    if (workload.stream) {
      const events = answer.text.match(/@\d{20}/g)?.length ?? 0;
      return events === workload.events ? undefined : `${events} of ${workload.events} events came through`;
    }
    return textOf(JSON.parse(answer.text), form) === undefined ? "the answer has no text" : undefined;
  } catch (error) {
    return `no answer: ${error instanceof Error ? error.message : String(error)}`;
  }
}

// --- helpers ---

function smallBody(workload: Workload, form: Form): string {
  if (form === "native") return JSON.stringify({ contents: [{ role: "user", parts: [{ text: "Hello" }] }] });
  const messages = [{ role: "user", content: "Hello" }];
  return JSON.stringify({ model: `mock-${workload.scenario}`, stream: workload.stream, messages });
}

function ask(options: {
  port: number;
  path: string;
  headers: string[];
  body: string;
}): Promise<{ status: number; text: string }> {
  const headers: Record<string, string> = { "content-type": "application/json" };
  for (const header of options.headers) {
    const colon = header.indexOf(":");
    headers[header.slice(0, colon)] = header.slice(colon + 1).trim();
  }
  headers["content-length"] = String(Buffer.byteLength(options.body));
  return new Promise((resolve, reject) => {
    const where = { host: "127.0.0.1", port: options.port, path: options.path, method: "POST", headers };
    const outgoing = request({ ...where, agent: false, signal: AbortSignal.timeout(10_000) }, (incoming) => {
      let text = "";
      incoming.setEncoding("utf8");
      incoming.on("data", (chunk: string) => (text += chunk));
      incoming.on("end", () => resolve({ status: incoming.statusCode ?? 0, text }));
      incoming.on("error", reject);
    });
    outgoing.on("error", reject);
    outgoing.end(options.body);
  });
}

/** The answer's text, wherever the form has it. */
function textOf(answer: unknown, form: Form): string | undefined {
  const path =
    form === "native" ? ["candidates", "0", "content", "parts", "0", "text"] : ["choices", "0", "message", "content"];
  let value: unknown = answer;
  for (const key of path) {
    if (value === null || typeof value !== "object") return undefined;
    value = (value as Record<string, unknown>)[key];
  }
  return typeof value === "string" && value !== "" ? value : undefined;
}
