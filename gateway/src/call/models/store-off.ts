/**
 * `UPSTREAM_STORE=off`: generations that do not say otherwise ask Google to keep no log of them (fact sheet upstream 0:
 * new paid projects store requests by default).
 * @module
 */
import type { Bytes } from "../../core/ports.ts";
import { findFields } from "../../core/scan/find-fields.ts";
import type { CollectedBody } from "../host.ts";

const member = '"store":false';
const openBrace = 123;
const closeBrace = 125;

/**
 * Adds `"store": false` at the top level of a native generation's body.
 * @returns the same body when it has a `store` of its own, or is no JSON object: Google judges that
 */
export function withStoreOff(body: CollectedBody, bytes: Bytes): CollectedBody {
  const { fields, whole } = findFields({ body: body.chunks, names: ["store"], bytes });
  if (!whole || fields.store !== null) return body;
  const [first, ...rest] = body.chunks;
  if (first === undefined) return body;
  const brace = first.indexOf(openBrace);
  if (brace < 0) return body;
  const after = first.subarray(brace + 1);
  const inserted = bytes.encode(isEmptyObject([after, ...rest]) ? member : `${member},`);
  return {
    chunks: [first.subarray(0, brace + 1), inserted, after, ...rest],
    length: body.length + inserted.length,
  };
}

// --- helpers ---

function isEmptyObject(after: readonly Uint8Array[]): boolean {
  for (const chunk of after)
    for (const byte of chunk) {
      if (byte === closeBrace) return true;
      if (byte !== 32 && byte !== 9 && byte !== 10 && byte !== 13) return false;
    }
  return false;
}
