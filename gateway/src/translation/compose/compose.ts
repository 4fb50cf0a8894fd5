/**
 * From a conversation to the body of Gemini's generateContent, for every generation of models (fact sheet translation
 * 0.3 and 1). Made anew for each attempt: another project has other signatures, another backend other fields.
 * @module
 */
import { modelFacts } from "../models/facts.ts";
import type { Compose } from "../types-request.ts";
import type { JsonObject } from "../types.ts";
import { answerInstruction } from "./answer-format.ts";
import { composeContents } from "./contents.ts";
import { composeGenerationConfig } from "./generation-config.ts";
import { addSentinels } from "./sentinels.ts";
import { composeTools } from "./tools.ts";

/**
 * Writes the body. What it holds of the conversation (arguments, media, schemas) is shared, not copied: neither side may
 * change it afterwards.
 */
export const compose: Compose = (conversation, options) => {
  const facts = modelFacts(options.model);
  const { tools, toolConfig } = composeTools(conversation, { ...options, facts });
  const contents = composeContents(conversation.turns, { facts, names: options.names, signatures: options.signatures });
  addSentinels(contents, facts);

  const instruction = answerInstruction(conversation.format, { facts, hasTools: tools !== null });
  const system = conversation.system.filter((text) => text !== "");
  if (instruction !== null) system.push(instruction);

  const body: JsonObject = { contents };
  if (system.length > 0) {
    const parts = system.map((text) => ({ text }));
    if (facts.takesSystemInstruction) {
      // Code Assist's own client names a role here; the Developer API ignores one.
      body["systemInstruction"] = options.backend === "code-assist" ? { role: "user", parts } : { parts };
    } else {
      contents[0]?.parts.unshift({ text: system.join("\n\n") });
    }
  }
  if (tools !== null) body["tools"] = tools;
  if (toolConfig !== null) body["toolConfig"] = toolConfig;
  const generationConfig = composeGenerationConfig(conversation, { ...options, facts, hasTools: tools !== null });
  if (generationConfig !== null) body["generationConfig"] = generationConfig;

  const { cachedContent, safetySettings, serviceTier } = conversation.google;
  if (cachedContent !== undefined) body["cachedContent"] = cachedContent;
  if (safetySettings !== undefined) body["safetySettings"] = safetySettings;
  if (serviceTier !== undefined && options.backend === "gemini-api") body["serviceTier"] = serviceTier;
  return body;
};
