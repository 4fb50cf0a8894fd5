/**
 * Names of OpenTelemetry's semantic conventions, as @opentelemetry/semantic-conventions 1.45.0 has them. Those of GenAI
 * are still incubating (they moved to a repository of their own, open-telemetry/semantic-conventions-genai), so they are
 * copied here and change with this file only.
 * @module
 */

/** Attributes. */
export const names = {
  errorType: "error.type",
  genAiOperation: "gen_ai.operation.name",
  genAiProvider: "gen_ai.provider.name",
  genAiRequestModel: "gen_ai.request.model",
  genAiRequestStream: "gen_ai.request.stream",
  genAiResponseModel: "gen_ai.response.model",
  genAiFinishReasons: "gen_ai.response.finish_reasons",
  genAiFirstChunk: "gen_ai.response.time_to_first_chunk",
  genAiTokenType: "gen_ai.token.type",
  genAiInputTokens: "gen_ai.usage.input_tokens",
  genAiOutputTokens: "gen_ai.usage.output_tokens",
  genAiCachedTokens: "gen_ai.usage.cache_read.input_tokens",
  genAiReasoningTokens: "gen_ai.usage.reasoning.output_tokens",
  httpMethod: "http.request.method",
  httpStatus: "http.response.status_code",
  serverAddress: "server.address",
  serverPort: "server.port",
  serviceInstance: "service.instance.id",
  serviceName: "service.name",
  serviceVersion: "service.version",
} as const;

/** `gen_ai.provider.name` of generativelanguage.googleapis.com. */
export const provider = "gcp.gemini";

/** Metrics. */
export const metricNames = {
  tokenUsage: "gen_ai.client.token.usage",
  clientDuration: "gen_ai.client.operation.duration",
  serverDuration: "gen_ai.server.request.duration",
} as const;

/** Classes that the conventions ask for, seconds. */
export const durationSeconds: readonly number[] = [
  0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.28, 2.56, 5.12, 10.24, 20.48, 40.96, 81.92,
];

/** Classes that the conventions ask for, tokens. */
export const tokenClasses: readonly number[] = [
  1, 4, 16, 64, 256, 1024, 4096, 16_384, 65_536, 262_144, 1_048_576, 4_194_304, 16_777_216, 67_108_864,
];

/**
 * The conventions' word for an operation of a record; operations that they have no word for keep their own.
 * @param operation as in CallRecord
 */
export function genAiOperation(operation: string): string {
  return operationWords.get(operation) ?? operation.replaceAll("-", "_");
}

/** Whether the conventions speak of such calls at all: lists, uploads and token counts are no GenAI operations. */
export function isGenAi(operation: string): boolean {
  return operationWords.has(operation);
}

// --- helpers ---

const operationWords: ReadonlyMap<string, string> = new Map([
  ["generate", "generate_content"],
  ["stream-generate", "generate_content"],
  ["live-turn", "generate_content"],
  ["interaction", "generate_content"],
  ["images", "generate_content"],
  ["chat", "chat"],
  ["responses", "chat"],
  ["messages", "chat"],
  ["embed", "embeddings"],
  ["embeddings", "embeddings"],
]);
