/**
 * What needs attention, with causes in words.
 * @module
 */
import type { Attention } from "../../api/types.ts";
import { causeWords } from "../pool/causes.ts";

const ofCauses: ReadonlySet<string> = new Set(["credentials.disabled", "credentials.cooling"]);

/** @returns the detail; the gateway's own names of causes (`2 invalid-key, 1 money`) as the pool's page calls them */
export function attentionDetail({ code, detail }: Pick<Attention, "code" | "detail">): string {
  if (!ofCauses.has(code)) return detail;
  return detail.replace(
    /(\d+) ([a-z-]+)(?=,|$)/g,
    (_, count: string, cause: string) => `${count} × ${causeWords(cause)}`,
  );
}
