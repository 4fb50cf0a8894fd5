/**
 * A call in a translated dialect: the client's body read once, Gemini's body written for the backend that serves it, and
 * the translator of each answer.
 * @module
 */
import type { Lease } from "../../core/credential.ts";
import { estimateTokens } from "../../dialects/anthropic/estimate-tokens.ts";
import { compose } from "../../translation/compose/compose.ts";
import { createAnswerReader } from "../../translation/reader/reader.ts";
import { createArgsRestorer } from "../../translation/schema/schema.ts";
import { createSignatureReader } from "../../translation/signatures/reader.ts";
import { createSignatureWriter } from "../../translation/signatures/writer.ts";
import { issuerTag } from "../../translation/signatures/issuer.ts";
import { createToolNames } from "../../translation/tool-names.ts";
import type { SchemaForm, ToolNames } from "../../translation/types-request.ts";
import type { Conversation, SignatureReader, Translation } from "../../translation/types.ts";
import type { CallEnvironment } from "../environment.ts";
import type { CollectedBody } from "../host.ts";
import { createWholeTranslator, GenerationTranslator, type AnswerTranslator } from "./answer-translator.ts";

/** Largest event of an upstream stream: pictures come in one. */
const maxEventBytes = 64 * 1024 * 1024;
/** 64, so that a byte picks one; two letters are there twice, which ids can bear. */
const idAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789AB";

const noIssuers: ReadonlySet<string> = new Set();

/** What it is made of. */
export interface TranslatedParts {
  environment: CallEnvironment;
  translation: Extract<Translation, { ok: true }>;
  clientId: string;
  requestId: string;
  startedAt: number;
  /** As the client asked for it. */
  askedModel: string;
  countsTokens: boolean;
}

/** One translated call. */
export class TranslatedCall {
  readonly conversation: Conversation;
  /** Whether the body may name a resource or carry a signature: only then is it searched. */
  mayName = true;
  readonly #parts: TranslatedParts;
  readonly #names: ToolNames;
  #form: SchemaForm = "json-schema";
  #withoutSignatures = false;
  #continuation: string | null = null;
  /** The only project whose signatures go up; null: all that are known. */
  #issuer: string | null = null;
  /** Of all projects whose signatures were found. */
  #issuers: ReadonlySet<string> = noIssuers;
  #composed: { key: string; body: CollectedBody } | null = null;

  constructor(parts: TranslatedParts) {
    this.#parts = parts;
    this.conversation = parts.translation.conversation;
    this.#names = createToolNames(
      this.conversation.tools.map(({ name }) => name),
      parts.environment.digest,
    );
  }

  /** `count_tokens`: no generation. */
  get countsTokens(): boolean {
    return this.#parts.countsTokens;
  }

  /** Schemas go in the strict form from now on. False: they do already. */
  lowerSchemas(): boolean {
    if (this.#form === "lowered") return false;
    this.#form = "lowered";
    return true;
  }

  /** Google refused a signature: none is sent any more but the sentinel. */
  dropSignatures(): void {
    this.#withoutSignatures = true;
  }

  /** The next hop of a long answer. */
  continueWith(token: string): void {
    this.#continuation = token;
  }

  /** Gemini's body, written once for each model, backend and form. */
  body(model: string, backend: "gemini-api" | "code-assist"): CollectedBody {
    const form = backend === "code-assist" ? "lowered" : this.#form;
    const key = `${model}\n${backend}\n${form}\n${this.#withoutSignatures}\n${this.#issuer ?? ""}\n${this.#continuation ?? ""}`;
    if (this.#composed?.key !== key) this.#composed = { key, body: this.#compose(model, backend, form) };
    return this.#composed.body;
  }

  /**
   * The body will go to this project: what another one signed is left out of it, what it signed itself stays.
   * @param isForeign the pool knows that the last signature is another project's
   */
  signFor({ projectId }: Lease, isForeign: boolean): void {
    const { digest } = this.#parts.environment;
    const issuers = this.#issuers;
    // Nobody here wrote down who made them.
    if (isForeign && issuers.size === 0) this.#withoutSignatures = true;
    if (issuers.size === 0) return;
    const own = issuerTag(projectId, digest);
    this.#issuer = issuers.size === 1 && issuers.has(own) ? null : own;
  }

  /** What translates one attempt's answer. */
  answer(facts: {
    lease: Lease;
    model: string;
    stream: boolean;
    backend: "gemini-api" | "code-assist";
    estimatedPromptTokens: number;
    earlier: AnswerTranslator | null;
  }): AnswerTranslator {
    const { environment, translation, clientId, requestId, startedAt, askedModel, countsTokens } = this.#parts;
    const { bytes, digest, signatures, settings, random } = environment;
    const newId = (): string => randomId((length) => random.bytes(length));
    const signer = createSignatureWriter({
      clientId,
      projectId: facts.lease.projectId,
      model: facts.model,
      memory: signatures,
      digest,
      inIds: settings.signaturesInIds,
      newId,
    });
    const makeWriter = (): ReturnType<typeof translation.createWriter> =>
      translation.createWriter({
        requestId,
        startedAt,
        now: () => environment.clock.now(),
        model: askedModel,
        newId,
        signatures: signer,
        estimatedPromptTokens: facts.estimatedPromptTokens,
      });
    if (countsTokens) {
      // Code Assist was told the contents alone.
      const least = facts.backend === "code-assist" ? estimateTokens(this.conversation) : 0;
      return createWholeTranslator((answer) => countOf(answer, makeWriter(), least), bytes);
    }
    const form = facts.backend === "code-assist" ? "lowered" : this.#form;
    const restoreArgs = createArgsRestorer(this.conversation.tools, form);
    const reader = createAnswerReader({
      framing: facts.stream ? "sse" : "unary",
      names: this.#names,
      ...(restoreArgs === undefined ? {} : { restoreArgs }),
      decoder: bytes,
      maxEventBytes,
    });
    if (facts.earlier instanceof GenerationTranslator) {
      facts.earlier.goOn(reader);
      return facts.earlier;
    }
    return new GenerationTranslator({ reader, writer: makeWriter(), stream: facts.stream, bytes });
  }

  #compose(model: string, backend: "gemini-api" | "code-assist", schemaForm: SchemaForm): CollectedBody {
    const { environment, clientId } = this.#parts;
    const { bytes, digest, settings, signatures: memory } = environment;
    const { carriers } = this.conversation;
    const known = createSignatureReader({ clientId, model, memory, digest, carriers, issuer: this.#issuer });
    const signatures = this.#withoutSignatures ? forgetful(known) : known;
    const request = compose(this.conversation, {
      model,
      backend,
      schemaForm,
      signatures,
      names: this.#names,
      includeThoughts: settings.includeThoughts,
    });
    if (this.#continuation !== null) request["continuationToken"] = this.#continuation;
    if (signatures === known) this.#issuers = known.issuers;
    const isCount = this.#parts.countsTokens;
    if (isCount) return this.#toBody(countRequest(request, model, backend), bytes);
    // UPSTREAM_STORE. Code Assist does not know the word.
    if (settings.store === "off" && backend === "gemini-api") request["store"] = false;
    return this.#toBody(request, bytes);
  }

  #toBody(request: unknown, bytes: CallEnvironment["bytes"]): CollectedBody {
    const text = JSON.stringify(request);
    this.mayName = naming.some((word) => text.includes(word));
    const chunk = bytes.encode(text);
    return { chunks: [chunk], length: chunk.length };
  }
}

// --- helpers ---

/** 24 characters of a url-safe alphabet. */
function randomId(take: (length: number) => Uint8Array): string {
  let id = "";
  for (const byte of take(24)) id += idAlphabet[byte & 63];
  return id;
}

/** Fields of a body that can name a resource, or a signature's project. */
const naming = ["fileData", "cachedContent", "continuationToken", "thoughtSignature"];

/** Knows nothing any more, but the ids still come out short. */
function forgetful(known: SignatureReader): SignatureReader {
  return { shortId: (id) => known.shortId(id), call: () => null, text: () => null, issuers: noIssuers };
}

/**
 * Everything counts: tools, system, results (fact sheet translation 3.4). Code Assist takes contents alone (upstream 7.2):
 * the call adds the rest by estimate.
 */
function countRequest(request: Record<string, unknown>, model: string, backend: "gemini-api" | "code-assist"): unknown {
  if (backend === "code-assist") return { contents: request["contents"] };
  const { contents, systemInstruction, tools, toolConfig } = request;
  return {
    generateContentRequest: {
      model: model.startsWith("tunedModels/") ? model : `models/${model}`,
      contents,
      systemInstruction,
      tools,
      toolConfig,
    },
  };
}

function countOf(
  answer: unknown,
  writer: ReturnType<TranslatedParts["translation"]["createWriter"]>,
  least: number,
): string | null {
  const told = (answer as { totalTokens?: unknown } | null)?.totalTokens;
  if (typeof told !== "number") return null;
  const total = Math.max(told, least);
  const usage = {
    promptTokens: total,
    cachedTokens: 0,
    outputTokens: 0,
    thoughtsTokens: 0,
    toolUseTokens: 0,
    totalTokens: total,
    modalities: null,
    serviceTier: null,
  };
  return writer.end({ finishReason: null, blockReason: null, finishMessage: null, usage });
}
