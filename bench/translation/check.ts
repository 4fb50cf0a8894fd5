/**
 * Asks each dialect once and looks at the answer, so that nobody is measured for answering quickly and wrongly.
 * @module
 */
import type { Workload } from "../workloads.ts";
import type { Subject } from "./subjects.ts";
import type { TranslatingGateway } from "./gateway.ts";

/** @throws Error saying what is wrong with the answer */
export async function checkSubject(subject: Subject, workload: Workload, gateway: TranslatingGateway): Promise<void> {
  const headers: Record<string, string> = { "content-type": "application/json" };
  for (const header of gateway.headers) {
    const colon = header.indexOf(":");
    headers[header.slice(0, colon)] = header.slice(colon + 1).trim();
  }
  const answer = await fetch(`http://127.0.0.1:${gateway.port}${subject.path(workload)}`, {
    method: "POST",
    headers,
    body: subject.body(workload),
  });
  const text = await answer.text();
  const what = `${subject.name}, ${workload.name}`;
  if (answer.status !== 200) throw new Error(`${what}: answered ${answer.status}: ${text.slice(0, 200)}`);
  const { unary, stream, event } = shapes[subject.name] ?? nothing;
  if (!(workload.stream ? stream : unary).test(text))
    throw new Error(`${what}: the answer is not whole: ${text.slice(-300)}`);
  const events = text.match(event)?.length ?? 0;
  if (workload.stream && events !== workload.events)
    throw new Error(`${what}: ${events} of ${workload.events} events came through`);
}

// --- helpers ---

/** What an answer looks like. */
interface Shape {
  /** Its end, unary and streamed. */
  unary: RegExp;
  stream: RegExp;
  /** One event of the mock upstream, which carries a stamp. */
  event: RegExp;
}

const nothing: Shape = { unary: /$^/, stream: /$^/, event: /$^/ };
const responses: Shape = {
  unary: /"status":"completed"/,
  stream: /event: response\.completed\n/,
  event: /"delta":"@\d{20}/g,
};
const shapes: Readonly<Record<string, Shape>> = {
  native: { unary: /"finishReason": "STOP"/, stream: /"finishReason": "STOP"/, event: /"text": "@\d{20}/g },
  anthropic: {
    unary: /"stop_reason":"end_turn"/,
    stream: /event: message_stop\n/,
    event: /"type":"text_delta","text":"@\d{20}/g,
  },
  responses,
  "responses-stored": responses,
  chat: { unary: /"finish_reason":"stop"/, stream: /data: \[DONE\]\n/, event: /"content":"@\d{20}/g },
};
