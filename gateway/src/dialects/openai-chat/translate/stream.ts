/**
 * A chat answer as a stream, chunk by chunk in the order that clients rely on (fact sheet translation 1.9): the role, the
 * deltas, one finish reason in a chunk of its own, the usage where it was asked for, `[DONE]`.
 *
 * Everything around a delta is the same on each chunk and made once: this is on the data path.
 * @module
 */
import type { AnswerEvent, AnswerWriter, Grounding, WriterFacts } from "../../../translation/types.ts";
import { createAnswerText } from "./answer-text.ts";
import { createSoundJoiner, type SoundJoiner } from "./audio.ts";
import { callText, functionText } from "./call-text.ts";
import { codeBlock, resultBlock } from "./code-block.ts";
import { finishReasonOf } from "./finish-reason.ts";
import type { AnswerPlan } from "./plan.ts";
import { faultText } from "./stream-fault.ts";
import { usageText } from "./usage.ts";

/** Makes the writer of one stream. */
export function createStreamWriter(plan: AnswerPlan, facts: WriterFacts): AnswerWriter {
  const created = Math.floor(facts.startedAt / 1000);
  const head =
    `data: {"id":${JSON.stringify(`chatcmpl-${facts.newId()}`)},"object":"chat.completion.chunk",` +
    `"created":${created},"model":${JSON.stringify(facts.model)},"system_fingerprint":null,"choices":[`;
  const deltaHead = `${head}{"index":0,"delta":`;
  const text = createAnswerText({ ...plan, signatures: facts.signatures });
  let hasBegun = false;
  let calls = 0;
  let sound: SoundJoiner | null = null;
  let grounding: Grounding | null = null;

  const delta = (json: string): string => deltaHead + json + deltaTail;
  const content = (words: string): string => (words === "" ? "" : delta(`{"content":${JSON.stringify(words)}}`));

  const begin = (): string => {
    if (hasBegun) return "";
    hasBegun = true;
    return delta('{"role":"assistant","content":""}');
  };

  const writeCall = (event: Extract<AnswerEvent, { kind: "call" }>): string => {
    if (plan.onlyFirstCall && calls > 0) return "";
    // One counter for the whole stream: clients glue arguments together by it (bug 1).
    const index = calls;
    calls += 1;
    if (plan.isLegacy) return delta(`{"function_call":${functionText(event)}}`);
    const isCustom = plan.custom.has(event.name);
    const { call, detail } = callText(event, { index, isCustom, signatures: facts.signatures });
    return delta(`{"tool_calls":[${call}]${detail === "" ? "" : `,"reasoning_details":[${detail}]`}}`);
  };

  const writeMedia = (event: Extract<AnswerEvent, { kind: "media" }>): string => {
    const { mimeType, data } = event;
    if (!mimeType.startsWith("audio/"))
      return delta(
        `{"images":[{"type":"image_url","image_url":{"url":${JSON.stringify(`data:${mimeType};base64,${data}`)}}}]}`,
      );
    let id = "";
    if (sound === null) {
      sound = createSoundJoiner({ format: plan.audioFormat, isWhole: false });
      id = `"id":${JSON.stringify(`audio_${facts.newId()}`)},"transcript":"",`;
    }
    return delta(`{"audio":{${id}"data":"${sound.push(mimeType, data)}"}}`);
  };

  /** What could be known only now, before the finish reason. */
  const writeRest = (): string => {
    let rest = content(text.end());
    if (sound !== null) {
      const last = sound.end();
      if (last !== "") rest += delta(`{"audio":{"data":"${last}"}}`);
      rest += delta(`{"audio":{"expires_at":${created}}}`);
    }
    const annotations = grounding === null ? [] : text.annotations(grounding);
    return annotations.length === 0 ? rest : rest + delta(`{"annotations":[${annotations.join(",")}]}`);
  };

  return {
    begin,
    event(event) {
      switch (event.kind) {
        case "text":
          return content(text.text(event.text, event.signature));
        case "thought":
          return event.text === "" ? "" : delta(`{"reasoning_content":${JSON.stringify(event.text)}}`);
        case "call":
          return writeCall(event);
        case "media":
          return writeMedia(event);
        case "code":
          return content(text.block(codeBlock(event.language, event.code)));
        case "code-result":
          return content(text.block(resultBlock(event.outcome, event.output)));
        case "grounding":
          if (grounding === null || event.grounding.sources.length > 0) ({ grounding } = event);
          return "";
      }
    },
    end(end) {
      const called = calls === 0 ? null : plan.isLegacy ? "function_call" : "tool_calls";
      const finish = `{},"logprobs":null,"finish_reason":"${finishReasonOf(end, called)}"}]}\n\n`;
      // On other chunks than the last, usage makes some clients drop what they hold.
      const usage = plan.includeUsage ? `${head}],"usage":${usageText(end.usage)}}\n\n` : "";
      return `${begin()}${writeRest()}${deltaHead}${finish}${usage}data: [DONE]\n\n`;
    },
    fault: faultText,
    ping: () => ": keepalive\n\n",
  };
}

// --- helpers ---

const deltaTail = ',"logprobs":null,"finish_reason":null}]}\n\n';
