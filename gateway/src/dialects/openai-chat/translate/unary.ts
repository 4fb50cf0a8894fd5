/**
 * A chat answer as one object (fact sheet translation 1.6).
 * @module
 */
import type { AnswerEnd, AnswerEvent, AnswerWriter, Grounding, WriterFacts } from "../../../translation/types.ts";
import { createAnswerText } from "./answer-text.ts";
import { createSoundJoiner, type SoundJoiner } from "./audio.ts";
import { callText, functionText } from "./call-text.ts";
import { codeBlock, resultBlock } from "./code-block.ts";
import { finishReasonOf } from "./finish-reason.ts";
import type { AnswerPlan } from "./plan.ts";
import { faultText } from "./stream-fault.ts";
import { usageText } from "./usage.ts";

/** Makes the writer of one whole answer: everything comes out of `end`. */
export function createUnaryWriter(plan: AnswerPlan, facts: WriterFacts): AnswerWriter {
  const created = Math.floor(facts.startedAt / 1000);
  const text = createAnswerText({ ...plan, signatures: facts.signatures });
  const calls: string[] = [];
  const details: string[] = [];
  const images: string[] = [];
  let content = "";
  let thoughts = "";
  let sound: SoundJoiner | null = null;
  let grounding: Grounding | null = null;

  const addCall = (event: Extract<AnswerEvent, { kind: "call" }>): void => {
    if (plan.onlyFirstCall && calls.length > 0) return;
    if (plan.isLegacy) calls.push(functionText(event));
    else {
      const isCustom = plan.custom.has(event.name);
      const { call, detail } = callText(event, { index: null, isCustom, signatures: facts.signatures });
      calls.push(call);
      if (detail !== "") details.push(detail);
    }
  };

  const addMedia = (event: Extract<AnswerEvent, { kind: "media" }>): void => {
    const { mimeType, data } = event;
    if (mimeType.startsWith("audio/")) {
      sound ??= createSoundJoiner({ format: plan.audioFormat, isWhole: true });
      sound.push(mimeType, data);
    } else images.push(JSON.stringify({ type: "image_url", image_url: { url: `data:${mimeType};base64,${data}` } }));
  };

  const messageText = (): string => {
    // Nothing but calls, or but speech: null, as the specification has it.
    const hasOther = calls.length > 0 || sound !== null;
    let message = `{"role":"assistant","content":${content === "" && hasOther ? "null" : JSON.stringify(content)}`;
    message += ',"refusal":null';
    if (thoughts !== "") message += `,"reasoning_content":${JSON.stringify(thoughts)}`;
    if (calls.length > 0 && plan.isLegacy) message += `,"function_call":${calls[0]}`;
    else if (calls.length > 0) message += `,"tool_calls":[${calls.join(",")}]`;
    if (details.length > 0) message += `,"reasoning_details":[${details.join(",")}]`;
    if (images.length > 0) message += `,"images":[${images.join(",")}]`;
    if (sound !== null)
      message += `,"audio":{"id":${JSON.stringify(`audio_${facts.newId()}`)},"data":"${sound.end()}","expires_at":${created},"transcript":""}`;
    const annotations = grounding === null ? [] : text.annotations(grounding);
    return `${message},"annotations":[${annotations.join(",")}]}`;
  };

  const finish = (end: AnswerEnd): string => {
    content += text.end();
    const called = calls.length === 0 ? null : plan.isLegacy ? "function_call" : "tool_calls";
    return (
      `{"id":${JSON.stringify(`chatcmpl-${facts.newId()}`)},"object":"chat.completion","created":${created},` +
      `"model":${JSON.stringify(facts.model)},"choices":[{"index":0,"message":${messageText()},` +
      `"logprobs":null,"finish_reason":"${finishReasonOf(end, called)}"}],` +
      `"usage":${usageText(end.usage)},"system_fingerprint":null}`
    );
  };

  return {
    begin: () => "",
    event(event) {
      switch (event.kind) {
        case "text":
          content += text.text(event.text, event.signature);
          break;
        case "thought":
          thoughts += event.text;
          break;
        case "call":
          addCall(event);
          break;
        case "media":
          addMedia(event);
          break;
        case "code":
          content += text.block(codeBlock(event.language, event.code));
          break;
        case "code-result":
          content += text.block(resultBlock(event.outcome, event.output));
          break;
        case "grounding":
          if (grounding === null || event.grounding.sources.length > 0) ({ grounding } = event);
      }
      return "";
    },
    end: finish,
    fault: faultText,
    ping: () => "",
  };
}
