/**
 * Uploads to other projects, shared: calls that need the same file in the same project at once wait for one upload.
 * @module
 */
import type { FilePlace, UploadedAgain } from "../../../call/reupload/types.ts";
import type { StoredFile } from "./sidecar.ts";
import { uploadAgain, type UploadHost, type UploadTarget } from "./upload-again.ts";

/** All uploads of a process. */
export interface SharedUploads {
  /**
   * Uploads, or joins an upload that is under way.
   * @param request `file`: null: not kept any more; `made`: told once, by the upload that is not shared; `done`: never
   *   before this returns, never after the cancel
   * @returns cancels; with the last one that waits the upload ends too
   */
  upload(request: {
    file: { id: string; stored: StoredFile } | null;
    target: UploadTarget;
    made: (place: FilePlace) => void;
    done: (outcome: UploadedAgain) => void;
  }): () => void;
  /** Ends all of them. */
  close(): void;
}

/** At once; others wait for their turn, and those beyond `mostWaiting` are refused. */
const mostRunning = 8;
const mostWaiting = 1_000;

/** @param parts `bytesPath`: where a file's bytes are */
export function createSharedUploads(parts: { host: UploadHost; bytesPath: (id: string) => string }): SharedUploads {
  const running = new Map<string, Running>();
  const turns: (() => void)[] = [];
  let active = 0;

  async function turn(): Promise<void> {
    if (active < mostRunning) active += 1;
    else await new Promise<void>((resolve) => turns.push(resolve));
  }

  function endTurn(): void {
    const next = turns.shift();
    if (next === undefined) active -= 1;
    else next();
  }

  return {
    upload({ file, target, made, done }) {
      let isOver = false;
      const deliver = (outcome: UploadedAgain): void => {
        if (isOver) return;
        isOver = true;
        done(outcome);
      };
      if (file === null || turns.length >= mostWaiting) {
        queueMicrotask(() =>
          deliver({ ok: false, status: null, body: "", words: file === null ? "not kept" : "busy" }),
        );
        return () => void (isOver = true);
      }
      const key = `${file.id}\n${target.lease.projectId}`;
      let known = running.get(key);
      if (known === undefined) {
        const started: Running = { waiters: new Set(), controller: new AbortController() };
        known = started;
        running.set(key, started);
        const { signal } = started.controller;
        void (async () => {
          await turn();
          const outcome = await uploadAgain({
            host: parts.host,
            file: file.stored,
            path: parts.bytesPath(file.id),
            target,
            signal,
          });
          endTurn();
          if (running.get(key) === started) running.delete(key);
          if (outcome.ok) made(outcome.place);
          for (const waiter of started.waiters) waiter(outcome);
        })();
      }
      const { waiters, controller } = known;
      waiters.add(deliver);
      return () => {
        isOver = true;
        waiters.delete(deliver);
        if (waiters.size > 0 || running.get(key) !== known) return;
        running.delete(key);
        controller.abort();
      };
    },
    close() {
      for (const { controller } of running.values()) controller.abort();
    },
  };
}

// --- helpers ---

interface Running {
  waiters: Set<(outcome: UploadedAgain) => void>;
  controller: AbortController;
}
