/** @module One turn of a session: quota, the model's messages, what they cost; interrupted at any point. */

import { setImmediate as nextLoop, setTimeout as wait } from "node:timers/promises";

import type { TokensByModality } from "../answer/count-tokens.ts";
import { countTextTokens, sumTokens } from "../answer/count-tokens.ts";
import type { Part } from "../answer/gemini-types.ts";
import type { ApiError } from "../errors/api-error.ts";
import { quotaError } from "../errors/quota-error.ts";
import { limitsOf } from "../state/projects.ts";
import { billedOrNull } from "./entries.ts";
import { addTokens, countContent } from "./history.ts";
import type { TurnPlan, TurnStep } from "./plan-turn.ts";
import { planTurn } from "./plan-turn.ts";
import type { OpenSession, Turn } from "./session-types.ts";
import { liveError, strike } from "./setup.ts";
import type { LiveUsage } from "./usage.ts";
import { encodeLiveUsage, toTokenUsage } from "./usage.ts";

/** Runs a turn. Its entry is filed before the message that ends it goes out; its usage is beside that message. */
export async function runTurn(session: OpenSession, turn: Turn): Promise<void> {
  const { options, history, setup, model } = session;
  const { outbox, connection, world, caller } = options;
  const { entry } = turn.entry;
  entry.model = model.id;
  if (connection.closing()) return;
  if (turn.said) history.add(turn.said.content, turn.said.tokens);
  // Overtaken before it began: the user said more meanwhile.
  if (turn.interrupt.signal.aborted) {
    turn.entry.file({ outcome: "complete", status: 200, errorStatus: null });
    return;
  }
  const usage: LiveUsage = { prompt: promptTokens(session), response: {}, thoughts: 0 };
  const refused = admitTokens(session, sumTokens(usage.prompt));
  if (refused) {
    refuse(session, turn, refused);
    return;
  }
  const faulted = options.entry.entry.fault;
  const action = strike(options, "liveTurn", model.id);
  entry.fault = faulted === null ? options.entry.entry.fault : null;
  const plan = planTurn({
    world,
    model,
    key: caller.key,
    setup,
    contents: history.contents(),
    heard: turn.said?.heard ?? null,
    sequence: entry.sequence,
  });
  const bill = (): void => {
    entry.usage = billedOrNull(toTokenUsage(usage, plan.usage));
  };
  bill();
  const failing = action.error ?? plan.error;
  if (failing) {
    entry.usage = null;
    refuse(session, turn, liveError(options, failing, model.id));
    return;
  }
  const signal = AbortSignal.any([turn.interrupt.signal, connection.ended]);
  const say = async (message: Record<string, unknown>): Promise<void> => {
    entry.chunksSent++;
    await outbox.send(message);
  };
  await pause((world.options.latencyMs ?? 0) + (action.delayMs ?? 0), signal);
  if (turn.said?.heard && setup.inputAudioTranscription) {
    await say({ serverContent: { inputTranscription: { text: turn.said.heard } } });
  }
  const finish = (): void => turn.entry.file({ outcome: "complete", status: 200, errorStatus: null });
  const said: Part[] = [];
  const spoken: TokensByModality = {};
  for (const [index, step] of plan.steps.entries()) {
    // Each message of its own turn of the event loop: what the client says meanwhile is heard.
    await pause(step.delayMs, signal);
    if (signal.aborted) break;
    // What goes out is billed, before it is out.
    addTokens(usage.response, step.tokens);
    addTokens(spoken, step.tokens);
    usage.thoughts += step.thoughts;
    bill();
    remember(said, step);
    await say({ serverContent: { modelTurn: { parts: step.parts } } });
    if (step.transcription !== null && setup.outputAudioTranscription) {
      const finished = index === plan.steps.length - 1 ? { finished: true } : {};
      await say({ serverContent: { outputTranscription: { text: step.transcription, ...finished } } });
    }
  }
  if (said.length > 0) history.add({ role: "model", parts: said }, spoken);
  if (connection.closing()) return;
  if (turn.interrupt.signal.aborted) {
    await say({ serverContent: { interrupted: true } });
    finish();
    await say({ serverContent: { turnComplete: true }, ...metadata(usage, plan) });
    return;
  }
  if (plan.calls.length > 0) {
    addTokens(usage.response, { TEXT: plan.callTokens });
    bill();
    history.add({ role: "model", parts: plan.calls.map((functionCall) => ({ functionCall })) });
    finish();
    session.expect(plan.calls);
    await say({ toolCall: { functionCalls: plan.calls }, ...metadata(usage, plan) });
    return;
  }
  if (plan.reason === null) await say({ serverContent: { generationComplete: true } });
  const reason = plan.reason === null ? {} : { turnCompleteReason: plan.reason };
  finish();
  await say({ serverContent: { turnComplete: true, ...reason }, ...metadata(usage, plan) });
}

// --- helpers ---

/** The context that this turn reads: instruction and tools of the setup, and all that was said. */
function promptTokens({ setup, history }: OpenSession): TokensByModality {
  const sums = history.tokens();
  if (setup.systemInstruction) addTokens(sums, countContent(setup.systemInstruction));
  if (setup.tools?.length) addTokens(sums, { TEXT: countTextTokens(JSON.stringify(setup.tools)) });
  return sums;
}

// A session is a request of its model's quota, its turns are not: they only use up tokens, in a window of their own.
function admitTokens({ options, model }: OpenSession, tokens: number): ApiError | null {
  const { world, caller } = options;
  const { project } = caller.key;
  const { inputTokensPerMinute = null } = limitsOf(project, model);
  const exceeded = world.quotas.admit({
    project: project.id,
    model: `${model.id} live`,
    limits: { inputTokensPerMinute },
    tokens,
    now: world.now(),
  });
  return exceeded.length === 0 ? null : quotaError({ model: model.id, tier: project.tier ?? "paid1", exceeded });
}

function refuse(session: OpenSession, turn: Turn, error: ApiError): void {
  const errorStatus = "error" in error ? error.error.status : null;
  turn.entry.file({ outcome: "complete", status: error.status, errorStatus });
  session.fail(error);
}

function metadata(usage: LiveUsage, plan: TurnPlan): Record<string, unknown> {
  return { usageMetadata: encodeLiveUsage(usage, toTokenUsage(usage, plan.usage)) };
}

// What is said aloud is remembered as its words.
function remember(said: Part[], { parts, transcription }: TurnStep): void {
  if (transcription !== null) said.push({ text: transcription });
  else said.push(...parts.filter((part) => !part.thought));
}

async function pause(ms: number, signal: AbortSignal): Promise<void> {
  if (ms > 0) await wait(ms, undefined, { signal }).catch(() => undefined);
  else await nextLoop();
}
