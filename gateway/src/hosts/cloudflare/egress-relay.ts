/**
 * A Durable Object that only fetches: it lives where its location hint says, and so do its connections to Google.
 * @module
 */
import { DurableObject } from "cloudflare:workers";
import type { WorkerEnvironment } from "./runtime.ts";

/** Sends requests on from its own place. Reached through its binding only. The class name is part of the deployment. */
export class EgressRelay extends DurableObject<WorkerEnvironment> {
  /** Sends one request on as it is. */
  fetch(request: Request): Promise<Response> {
    return fetch(request);
  }
}
