import fc from "fast-check";
import { expect, it } from "vitest";
import type { Usage } from "../../core/usage.ts";
import type { ServerMessage } from "./server-message.ts";
import { createTurns, type LiveTurn } from "./turns.ts";

const plain: ServerMessage = {
  setupComplete: false,
  content: false,
  turnComplete: false,
  toolCall: false,
  goAway: false,
  handle: null,
  usage: null,
  reason: null,
};
const content = { ...plain, content: true };
const end = { ...content, turnComplete: true };
const usage = (totalTokens: number): Usage => ({
  promptTokens: totalTokens,
  cachedTokens: 0,
  outputTokens: 0,
  thoughtsTokens: 0,
  toolUseTokens: 0,
  totalTokens,
  modalities: null,
  serviceTier: null,
});
const at = (mono: number): { now: number; mono: number } => ({ now: 1_000_000 + mono, mono });

/** Totals of the turns that messages end, one list a message. */
function run(messages: readonly ServerMessage[]): (number | null)[][] {
  const turns = createTurns();
  return messages.map((one, index) => turns.received(one, 1, at(index)).map((turn) => turn.usage?.totalTokens ?? null));
}

it("usage beside the end, after it, or before it makes one turn", () => {
  expect(run([content, { ...end, usage: usage(5) }])).toEqual([[], [5]]);
  expect(run([content, end, { ...plain, handle: "h" }, { ...plain, usage: usage(5) }])).toEqual([[], [], [], [5]]);
  expect(run([content, { ...content, usage: usage(3) }, end])).toEqual([[], [], [3]]);
});

it("within a turn the last usage holds", () => {
  expect(
    run([
      { ...content, usage: usage(3) },
      { ...content, usage: usage(4) },
      { ...end, usage: usage(5) },
    ]),
  ).toEqual([[], [], [5]]);
});

it("a call of a tool ends a turn when its usage is told, and goes on in it when not", () => {
  const call = { ...content, toolCall: true };
  expect(run([{ ...call, usage: usage(3) }, content, { ...end, usage: usage(5) }])).toEqual([[3], [], [5]]);
  expect(run([call, content, { ...end, usage: usage(5) }])).toEqual([[], [], [5]]);
});

it("a turn whose usage never came is a row with unknown usage once the next one speaks", () => {
  expect(run([content, end, content, { ...end, usage: usage(5) }])).toEqual([[], [], [null], [5]]);
  expect(run([end, { ...end, usage: usage(5) }])).toEqual([[], [null, 5]]);
});

it("what the client says alone is no turn: its bytes are the session's", () => {
  const turns = createTurns();
  turns.sent(10, at(0));
  expect(turns.open).toBe(false);
  expect(turns.end(at(1))).toBeNull();
  expect(turns.loose).toEqual({ requestBytes: 10, responseBytes: 0 });
});

it("the turn under way at the end is incomplete", () => {
  const turns = createTurns();
  turns.sent(10, at(0));
  turns.received(content, 5, at(4));
  expect(turns.end(at(9))).toMatchObject({
    startedAt: 1_000_000,
    durationMs: 9,
    firstServerMs: 4,
    requestBytes: 10,
    responseBytes: 5,
    usage: null,
    complete: false,
  });
});

it("whatever comes, every byte is counted once, and no usage that ends a turn is lost or told twice", () => {
  const step = fc.record({
    sent: fc.nat({ max: 50 }),
    bytes: fc.nat({ max: 50 }),
    content: fc.boolean(),
    turnComplete: fc.boolean(),
    toolCall: fc.boolean(),
    tokens: fc.option(fc.integer({ min: 1, max: 9 })),
  });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
      const turns = createTurns();
      const closed: LiveTurn[] = [];
      let ended = 0;
      for (const [index, one] of steps.entries()) {
        const says = one.content || one.turnComplete || one.toolCall;
        turns.sent(one.sent, at(index));
        closed.push(
          ...turns.received(
            {
              ...plain,
              content: says,
              turnComplete: one.turnComplete,
              toolCall: one.toolCall,
              usage: one.tokens === null ? null : usage(one.tokens),
            },
            one.bytes,
            at(index),
          ),
        );
        if (one.tokens !== null && (one.turnComplete || one.toolCall)) ended += one.tokens;
      }
      const last = turns.end(at(steps.length));
      const all = last === null ? closed : [...closed, last];
      const sum = (values: number[]): number => values.reduce((total, value) => total + value, 0);
      expect(sum(all.map(({ requestBytes }) => requestBytes)) + turns.loose.requestBytes).toBe(
        sum(steps.map((one) => one.sent)),
      );
      expect(sum(all.map(({ responseBytes }) => responseBytes)) + turns.loose.responseBytes).toBe(
        sum(steps.map((one) => one.bytes)),
      );
      expect(sum(closed.map((turn) => turn.usage?.totalTokens ?? 0))).toBeGreaterThanOrEqual(ended);
    }),
  );
});
