/**
 * Which calls are traced. The call's id decides, so that the same call is traced by whoever sees it, or by nobody.
 * @module
 */

/**
 * Whether a call is one of the share.
 * @param callId any text
 * @param share 0 to 1
 */
export function isSampled(callId: string, share: number): boolean {
  if (share >= 1) return true;
  return share > 0 && spread(callId) < share * 4_294_967_296;
}

// --- helpers ---

/** FNV-1a with the last step of MurmurHash3: ids that follow each other end far apart. */
function spread(text: string): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < text.length; index++) hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}
