import fc from "fast-check";
import { expect, it } from "vitest";
import { portableBytes as bytes } from "../../core/portable-bytes.ts";
import { nodeBytes } from "../../hosts/node/bytes.ts";
import { readServerMessage, type ServerMessage } from "./server-message.ts";

const read = (value: object): ServerMessage => readServerMessage(bytes.encode(JSON.stringify(value)), bytes);

it("usage beside any message is read in Live's own names", () => {
  const usageMetadata = {
    promptTokenCount: 9,
    responseTokenCount: 4,
    thoughtsTokenCount: 3,
    cachedContentTokenCount: 2,
    toolUsePromptTokenCount: 1,
    totalTokenCount: 17,
    promptTokensDetails: [
      { modality: "AUDIO", tokenCount: 6 },
      { modality: "TEXT", tokenCount: 3 },
    ],
    responseTokensDetails: [{ modality: "AUDIO", tokenCount: 4 }],
  };
  const told = read({ serverContent: { turnComplete: true, turnCompleteReason: "MAX_TOKENS" }, usageMetadata });
  expect(told).toMatchObject({
    content: true,
    turnComplete: true,
    toolCall: false,
    reason: "MAX_TOKENS",
    usage: {
      promptTokens: 9,
      outputTokens: 4,
      thoughtsTokens: 3,
      cachedTokens: 2,
      toolUseTokens: 1,
      totalTokens: 17,
      modalities: { prompt: { AUDIO: 6, TEXT: 3 }, output: { AUDIO: 4 } },
    },
  });
  expect(read({ usageMetadata }).content).toBe(false);
});

it("the session's own affairs are told from content", () => {
  expect(read({ setupComplete: {} })).toMatchObject({ setupComplete: true, content: false });
  expect(read({ goAway: { timeLeft: "9s" } })).toMatchObject({ goAway: true, content: false });
  expect(read({ sessionResumptionUpdate: { newHandle: "h", resumable: true } })).toMatchObject({
    handle: "h",
    content: false,
  });
  expect(read({ sessionResumptionUpdate: { resumable: false } }).handle).toBeNull();
  expect(read({ toolCall: { functionCalls: [] } })).toMatchObject({ toolCall: true, content: true });
  expect(read({ toolCallCancellation: { ids: ["1"] } })).toMatchObject({ toolCall: false, content: false });
  expect(read({ serverContent: { modelTurn: { parts: [] } } })).toMatchObject({ content: true, turnComplete: false });
});

it("what the model says or calls cannot speak for the server", () => {
  const told = read({
    toolCall: {
      functionCalls: [
        { args: { usageMetadata: { promptTokenCount: 1 }, sessionResumptionUpdate: { newHandle: "x" } } },
      ],
    },
    serverContent: { modelTurn: { parts: [{ text: `{"usageMetadata":{"promptTokenCount":1}} "turnComplete":true` }] } },
  });
  expect(told).toMatchObject({ usage: null, handle: null, turnComplete: false, setupComplete: false });
});

it("megabytes of audio beside the usage are jumped over", () => {
  const data = "A".repeat(5_000_000);
  const value = {
    serverContent: { modelTurn: { parts: [{ inlineData: { mimeType: "audio/pcm", data } }] } },
    usageMetadata: { promptTokenCount: 7, totalTokenCount: 7 },
  };
  expect(readServerMessage(nodeBytes.encode(JSON.stringify(value)), nodeBytes).usage?.promptTokens).toBe(7);
});

it("usage too large to be any is left alone", () => {
  expect(read({ usageMetadata: { promptTokenCount: 1, x: "y".repeat(70_000) } }).usage).toBeNull();
});

it("nothing that a server sends makes it throw, and both searches see the same", () => {
  const words = fc.constantFrom(
    "usageMetadata",
    "turnComplete",
    "{",
    "}",
    '"',
    ":",
    "1",
    "serverContent",
    "\\",
    ",",
    "true",
  );
  fc.assert(
    fc.property(fc.array(words, { maxLength: 40 }), (list) => {
      const message = bytes.encode(list.join(""));
      expect(readServerMessage(message, bytes)).toEqual(readServerMessage(message, nodeBytes));
    }),
  );
});
