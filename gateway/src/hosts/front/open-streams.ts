/**
 * Answers of the admin API that go on until the reader leaves (the tail of calls). A host that ends must not wait for
 * them: it ends them itself.
 * @module
 */

/** Streams that are open. */
export interface OpenStreams {
  /** Gives an answer back as it is, or, when it goes on for ever, one that `end` can end. */
  hold(response: Response): Response;
  /** Ends them: readers see a whole answer, writers see that nobody reads. Later ones end at once. */
  end(): void;
  readonly size: number;
}

/** None yet. */
export function createOpenStreams(): OpenStreams {
  const open = new Set<() => void>();
  let ended = false;
  return {
    hold(response) {
      const { body } = response;
      if (body === null || !isEndless(response)) return response;
      const reader = body.getReader();
      const leave = (): void => void reader.cancel().catch(() => undefined);
      const held = new ReadableStream<Uint8Array>(
        {
          start(controller) {
            const end = (): void => {
              open.delete(end);
              leave();
              controller.close();
            };
            open.add(end);
            const forget = (): void => void open.delete(end);
            reader.closed.then(forget, forget);
            if (ended) end();
          },
          async pull(controller) {
            const { done, value } = await reader.read();
            if (ended) return;
            if (done) controller.close();
            else controller.enqueue(value);
          },
          cancel: leave,
        },
        // Nothing is read ahead: what a slow reader misses is the tail's own business.
        { highWaterMark: 0 },
      );
      return new Response(held, { status: response.status, headers: response.headers });
    },
    end() {
      ended = true;
      for (const end of open) end();
    },
    get size() {
      return open.size;
    },
  };
}

// --- helpers ---

function isEndless(response: Response): boolean {
  return response.headers.get("content-type")?.startsWith("text/event-stream") ?? false;
}
