/**
 * The way to the admin API: loaded when it is asked for the first time, its mistakes answered, its endless answers held.
 * @module
 */
import type { Logger } from "../../core/ports.ts";
import { toResponse } from "../fetch/front-response.ts";
import { errorAnswer } from "./answer.ts";
import type { RequestInfo } from "./request-info.ts";
import { createOpenStreams } from "./open-streams.ts";

/** The application (admin/app.ts). */
export interface AdminApp {
  fetch(request: Request, info: RequestInfo): Promise<Response>;
}

/** Its door. */
export interface AdminGate extends AdminApp {
  /** Answers under way that would go on for ever. */
  readonly openStreams: number;
  /** Ends them. */
  endStreams(): void;
}

/** @param parts `load`: makes the application */
export function createAdminGate(parts: { load: () => Promise<AdminApp>; logger: Logger }): AdminGate {
  const streams = createOpenStreams();
  let loading: Promise<AdminApp> | null = null;
  const load = (): Promise<AdminApp> =>
    (loading ??= parts.load().catch((error: unknown) => {
      loading = null;
      throw error;
    }));
  return {
    async fetch(request, info) {
      try {
        return streams.hold(await (await load()).fetch(request, info));
      } catch (error) {
        const { message: cause, name } = error instanceof Error ? error : new Error(String(error));
        parts.logger.log("error", "admin.failed", { class: name, cause });
        return toResponse(errorAnswer("internal"), request.method);
      }
    },
    get openStreams() {
      return streams.size;
    },
    endStreams: () => streams.end(),
  };
}
