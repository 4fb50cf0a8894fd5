/**
 * Stored responses over RPC: the state object keeps them, since the next request of a conversation may come through any
 * isolate.
 * @module
 */
import type { ResponseArchive, StoredResponse } from "../../call/response-archive.ts";
import type { Logger } from "../../core/ports.ts";
import type { Settings } from "../../settings/types.ts";
import { within, type StateLink } from "./state-link.ts";

/**
 * Of one sealed response: a row of a Durable Object's SQLite takes 2 MB
 * (https://developers.cloudflare.com/durable-objects/platform/limits/).
 */
export const mostSealedBytes = 1_900_000;
/** A client is told that the response is unknown after this long. */
const answerWithinMs = 10_000;

/** Makes the archive of one request. */
export function createRemoteResponses(parts: {
  link: StateLink;
  settings: Pick<Settings, "responsesStore">;
  keepAlive: (work: Promise<unknown>) => void;
  logger: Logger;
}): ResponseArchive {
  const { link, settings, keepAlive, logger } = parts;

  function lost(event: string, id: string): (error: unknown) => null {
    return (error) => {
      logger.log("error", event, { response: id, cause: error instanceof Error ? error.message : String(error) });
      return null;
    };
  }

  return {
    put(response) {
      if (!settings.responsesStore) return;
      const { id, turns } = response;
      // Sealed it is longer still: the object would only throw it away.
      if (turns.length > mostSealedBytes)
        return logger.log("warn", "response.oversized", { response: id, characters: turns.length });
      keepAlive(link.ask((state) => state.keepResponse(response), { stubborn: true }).catch(lost("response.lost", id)));
    },
    get(question, then) {
      if (!settings.responsesStore) return then(null);
      const asked = within(
        answerWithinMs,
        link.ask((state) => state.findResponse(question)),
      );
      keepAlive(asked.catch<StoredResponse | null>(lost("response.unreadable", question.id)).then(then));
    },
    remove(question, then) {
      const asked = within(
        answerWithinMs,
        link.ask((state) => state.removeResponse(question)),
      );
      keepAlive(asked.catch(lost("response.kept", question.id)).then((removed) => then(removed === true)));
    },
  };
}
