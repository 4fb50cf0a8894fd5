import { expect, test } from "vitest";
import type { AttemptReport, ControlReceiver, Plan } from "../../call/control.ts";
import { limitedKey } from "../../clients/limits/limiter-fixture.ts";
import { createRemoteControl } from "./remote-control.ts";
import type { PlainPlan, PlainReport, StateApi } from "./state-api.ts";
import { createStateLink } from "./state-link.ts";

test("what a call takes carries its mark; a plan keeps its number when asked again, and its report has it too", async () => {
  const asked: unknown[] = [];
  let lost = 1;
  const state = {
    reserve: async (...[, , , call]: Parameters<StateApi["reserve"]>) => {
      asked.push(["reserve", call.id]);
      return { ok: true, reservation: { clientId: "client_one", at: 0, tokens: 0, costNanoUsd: 0 }, states: [] };
    },
    plan: async (...[, call, attempt]: Parameters<StateApi["plan"]>) => {
      asked.push(["plan", call.id, attempt]);
      if (attempt === 1 && lost-- > 0) throw Object.assign(new Error("cut off"), { retryable: true });
      return plainPlan;
    },
    report: async ({ callId, attempt }: PlainReport) => void asked.push(["report", callId, attempt]),
  } as unknown as StateApi;
  const working: Promise<unknown>[] = [];
  const control = createRemoteControl({
    link: createStateLink(
      () => state,
      async () => undefined,
    ),
    admissions: new Map(),
    keepAlive: (work) => void working.push(work),
    logger: { log: () => undefined },
  });
  const plans: Plan[] = [];
  const receiver = {
    planned: (plan) => void plans.push(plan),
    reserved: () => undefined,
    unavailable: () => undefined,
  } as Partial<ControlReceiver> as ControlReceiver;

  control.began("call_1", 5);
  control.reserve(limitedKey({ concurrency: 1 }), { tokens: 1, costNanoUsd: null }, receiver, 5);
  control.plan({} as never, receiver, "call_1");
  await Promise.all(working);
  control.plan({} as never, receiver, "call_1");
  await Promise.all(working);
  for (const plan of plans.toReversed()) if (plan.ok) control.report({ lease: plan.lease } as AttemptReport);
  await Promise.all(working);
  expect(asked).toEqual([
    ["reserve", "call_1"],
    ["plan", "call_1", 0],
    ["plan", "call_1", 1],
    ["plan", "call_1", 1],
    ["report", "call_1", 1],
    ["report", "call_1", 0],
  ]);
});

// --- helpers ---

const plainPlan: PlainPlan = {
  ok: true,
  lease: { credentialId: "cred_1", credentialName: "one", projectId: "p", secret: "k" },
  owner: null,
  unknown: [],
  foreignSignature: false,
  listed: null,
};
