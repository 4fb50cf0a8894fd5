/**
 * The way to the state object. An exception of the platform leaves a stub broken: all later calls on it fail with the
 * same exception (https://developers.cloudflare.com/durable-objects/best-practices/error-handling/). So what failed goes
 * on with a new stub, and what a restart of the object cut off (each deployment is one) is asked again.
 * @module
 */
import type { StateApi } from "./state-api.ts";

/** Asks the object. */
export interface StateLink {
  /**
   * One question. Its first try is made before this returns, so questions reach the object in the order they are asked.
   * Must be harmless when asked twice: the answer to a first one may be what was lost.
   * @param options `stubborn`: also tries again after errors of the object's own code
   */
  ask<T>(question: (state: StateApi) => Promise<T>, options?: { stubborn?: boolean }): Promise<T>;
}

/** Waits between tries, milliseconds. One try more than there are waits. */
const waits = [50, 250, 1_000] as const;

/**
 * Makes the link of one request: stubs cannot be shared between requests.
 * @param connect makes a new stub
 * @param wait resolves after milliseconds
 */
export function createStateLink(
  connect: () => StateApi,
  wait: (ms: number) => Promise<void> = (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
): StateLink {
  let stub = connect();
  return {
    async ask(question, { stubborn = false } = {}) {
      for (let tries = 0; ; tries++) {
        const used = stub;
        try {
          return await question(used);
        } catch (error) {
          if (stub === used) stub = connect();
          const ms = waits[tries];
          if (ms === undefined || !(stubborn || isPassing(error))) throw error;
          await wait(ms);
        }
      }
    },
  };
}

/**
 * Within a time, or a rejection. What is late goes on; its outcome is the caller's to take or leave.
 * @param ms milliseconds
 * @throws Error that says how long was waited
 */
export function within<T>(ms: number, work: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`no answer within ${ms} ms`)), ms);
    work.then(resolve, reject).finally(() => clearTimeout(timer));
  });
}

// --- helpers ---

/** Whether the platform says that another try may do. An overloaded object must not be asked more. */
function isPassing(error: unknown): boolean {
  const { retryable, overloaded, durableObjectReset } = Object(error) as Record<string, unknown>;
  return overloaded !== true && (retryable === true || durableObjectReset === true);
}
