/**
 * A gateway that translates, on one runtime, in front of the emulator; and a client that speaks all translated dialects.
 * @module
 */
import { expect } from "vitest";
import type { EmulatorOptions } from "../../emulator/src/types.ts";
import { startEmulator, type Emulator } from "../../emulator/src/emulator.ts";
import { clientKey, startGateway, type GatewayUnderTest, type LedgerCall, type TargetName } from "./targets.ts";
import { parseEvents, type Json, type Said, type TranslatedDialect } from "./translated-dialects.ts";
import { until } from "./until.ts";

/** Keys of the pool, each of a project of its own. */
export const geminiKeys = [
  "AIzaSyTranslatedKeyNumberOne-00000000001",
  "AQ.TranslatedKeyNumberTwo_000000000000000000000000002",
] as const;
/** The model that is asked unless a test says otherwise: it signs, and wants its signatures back. */
export const model = "gemini-3.8-flash";
/** One call a day is left of it, for each key. */
export const scarceModel = "gemini-3.5-flash";

/** A call's answer, as a client understands it. */
export interface Answered {
  status: number;
  headers: Headers;
  body: string;
  said: Said;
}

/** A client of all dialects. */
export interface TranslatedClient {
  /** POSTs JSON with the client key as the dialect's clients send it. */
  post(path: string, body: Json, headers?: Record<string, string>): Promise<Response>;
  /** A whole call, unary or streamed as the request says. */
  ask(dialect: TranslatedDialect, request: Json): Promise<Answered>;
  row(answer: { headers: Headers }): Promise<LedgerCall>;
}

/** What tests of translation work with. */
export interface TranslatedWorld extends TranslatedClient {
  emulator: Emulator;
  gateway: GatewayUnderTest;
  stop(): Promise<number | null>;
}

/** A client of a gateway. */
export function createTranslatedClient(gateway: GatewayUnderTest): TranslatedClient {
  function post(path: string, body: Json, headers: Record<string, string> = {}): Promise<Response> {
    return fetch(`${gateway.url}${path}`, {
      method: "POST",
      headers: { authorization: `Bearer ${clientKey}`, "content-type": "application/json", ...headers },
      body: JSON.stringify(body),
    });
  }
  return {
    post,
    async ask(dialect, request) {
      const response = await post(dialect.path, request);
      const body = await response.text();
      const { status, headers } = response;
      return { status, headers, body, said: understand(dialect, request, { status, body }) };
    },
    async row({ headers }) {
      const id = headers.get("x-gproxy-request-id");
      return until(async () => (await gateway.calls()).find((one) => one.id === id), `a row for ${id}`);
    },
  };
}

/** Starts both. */
export async function startTranslatedWorld(
  target: TargetName,
  options: { emulator?: EmulatorOptions; environment?: Record<string, string> } = {},
): Promise<TranslatedWorld> {
  const emulator = await startEmulator({
    projects: geminiKeys.map((key, index) => ({
      id: `projects/200${index}`,
      keys: [{ key }],
      tier: "unlimited" as const,
      quotas: { [scarceModel]: { requestsPerDay: 1 } },
    })),
    recordBodyBytes: 65_536,
    ...options.emulator,
  });
  const gateway = await startGateway(target, {
    environment: {
      GEMINI_API_KEYS: geminiKeys.join(","),
      GOOGLE_GEMINI_API_BASE_URL: emulator.url,
      OPENAI_CHAT: "translate",
      IDLE_TIMEOUT_MS: "1500",
      ...options.environment,
    },
  });
  return {
    ...createTranslatedClient(gateway),
    emulator,
    gateway,
    async stop() {
      const code = await gateway.stop();
      await emulator.close();
      return code;
    },
  };
}

/** Expects an answer to be so, and shows its text where it is not. */
export function expectAnswer(answer: Answered, wanted: object): void {
  try {
    expect(answer).toMatchObject(wanted);
  } catch (error) {
    throw new Error(`${(error as Error).message}\n${answer.body.slice(0, 2_000)}`, { cause: error });
  }
}

// --- helpers ---

function understand(
  dialect: TranslatedDialect,
  request: Json,
  { status, body }: { status: number; body: string },
): Said {
  if (status !== 200) {
    const error = dialect.readError(JSON.parse(body) as Json).type;
    return { text: "", tools: [], isWhole: false, error, tokens: null, id: "", history: [] };
  }
  return request["stream"] === true
    ? dialect.readStream(parseEvents(body))
    : dialect.readUnary(JSON.parse(body) as Json);
}
