/** @module A session of Lyria RealTime: prompts in, chunks of music out for as long as it plays (fact sheet upstream 9). Nothing is billed by tokens. */

import { findModel, isRefusal } from "../answer/admit-call.ts";
import type { ApiError } from "../errors/api-error.ts";
import { apiError } from "../errors/api-error.ts";
import { parseMessage } from "../native/parse-message.ts";
import { modelId } from "../state/models.ts";
import { toLiveEnd } from "./close-codes.ts";
import type { Session, SessionOptions } from "./session-types.ts";

/** Creates a session that plays. */
export function createMusicSession(options: SessionOptions): Session {
  const { world, connection, outbox, caller, route, entry } = options;
  const endsAt = world.now() + (world.options.live?.connectionMs ?? 600_000);
  let ready = false;
  let prompts = "";
  let player: NodeJS.Timeout | null = null;
  const fail = (error: ApiError): void => {
    const { code, reason, status } = toLiveEnd(error);
    entry.entry.errorStatus = status;
    connection.close(code, reason);
  };
  const stop = (): void => {
    if (player) clearInterval(player);
    player = null;
  };
  const tick = (): void => {
    if (!connection.closing() && world.now() >= endsAt)
      fail(apiError("PERMISSION_DENIED", "Session duration expired."));
  };
  let writing = false;
  const chunk = (): void => {
    tick();
    // Who listens slowly misses some.
    if (writing) return;
    const data = Buffer.alloc(CHUNK_BYTES, prompts === "" ? "music" : prompts).toString("base64");
    const mimeType = "audio/l16;rate=48000;channels=2";
    writing = true;
    void outbox.send({ serverContent: { audioChunks: [{ data, mimeType }] } }).then(() => (writing = false));
  };
  const setUp = (name: string): void => {
    const id = modelId(name);
    entry.entry.model = id === "" ? null : id;
    const { project } = caller.key;
    const call = { world, project, route: { surface: "native", version: route.version } } as const;
    const model = findModel(call, id, "bidiGenerateMusic");
    if (isRefusal(model)) return fail(model);
    if (!options.admit()) return fail(apiError("RESOURCE_EXHAUSTED", "You exceeded your current quota."));
    ready = true;
    void outbox.send({ setupComplete: {} });
  };
  return {
    receive: (data) => {
      entry.received(data);
      if (connection.closing()) return;
      const message = parseMessage(data.toString(), "BidiGenerateMusicClientMessage") as MusicMessage | ApiError;
      if (isRefusal(message)) return fail(message);
      if (message.setup && !ready) return setUp(message.setup.model ?? "");
      if (!ready || message.setup) return fail(apiError("INVALID_ARGUMENT", "setup must be the first message."));
      const weighted = message.clientContent?.weightedPrompts;
      if (weighted)
        prompts = weighted
          .map(({ text = "" }) => text)
          .join("")
          .slice(0, 1_000);
      const { playbackControl } = message;
      if (playbackControl === undefined) return;
      stop();
      if (playbackControl.toUpperCase() === "PLAY") player = setInterval(chunk, CHUNK_MS).unref();
    },
    closed: stop,
    tick,
  };
}

// --- helpers ---

const CHUNK_MS = 50;
const CHUNK_BYTES = 9_600;

interface MusicMessage {
  setup?: { model?: string };
  clientContent?: { weightedPrompts?: { text?: string }[] };
  playbackControl?: string;
}
