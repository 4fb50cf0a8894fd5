/** @module Where the addresses in answers point: Google's host unless told, so that whoever follows them unseen leaves the test. */

import type { Call } from "../http/call.ts";

/** Google's own address, without a final slash. */
export const GOOGLE_URL = "https://generativelanguage.googleapis.com";

/** The base of addresses in the answer to a call, without a final slash. */
export function publicUrl({ world, headers }: Pick<Call, "world" | "headers">): string {
  const { publicUrl: wanted = GOOGLE_URL } = world.options;
  return wanted === "self" ? `http://${headers.host ?? "localhost"}` : wanted.replace(/\/+$/, "");
}
