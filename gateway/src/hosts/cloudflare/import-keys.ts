/**
 * Gemini keys that an older worker kept in a KV namespace: under GEMINI_API_KEYS_CONFIG as `{"keys": […]}` or as
 * `[{"key": "key_0", "value": "…"}]`, and as single entries `key_0`, `key_1`, … All are taken.
 * @module
 */
import type { Logger } from "../../core/ports.ts";
import { parseKeys } from "../../settings/keys.ts";
import type { ConfiguredKey } from "../../settings/types.ts";
import type { Store } from "../../storage/types.ts";
import type { KvNamespace } from "./runtime.ts";

const configKey = "GEMINI_API_KEYS_CONFIG";
const namesKey = "kv_key_names";
/** The free plan has 1,000 lists a day, and an object wakes more often than that: names are listed this seldom. */
const listEveryMs = 60 * 60_000;

/**
 * Reads them.
 * @param parts `store` remembers the names of single entries (no values); `now`: epoch milliseconds
 * @throws when KV cannot be read
 */
export async function importKeys(parts: {
  kv: KvNamespace;
  store: Pick<Store, "meta">;
  logger: Logger;
  now: number;
  allowInsecure: boolean;
}): Promise<ConfiguredKey[]> {
  const { kv, logger } = parts;
  const names = [configKey, ...(await namesOfEntries(parts))];
  const texts = await Promise.all(names.map((name) => kv.get(name)));
  const found: ConfiguredKey[] = [];
  texts.forEach((text, index) => {
    if (text === null) return;
    const entry = names[index] ?? configKey;
    const parsed = parseKeys(text, { allowInsecure: parts.allowInsecure });
    for (const { place, reason } of parsed.rejected)
      logger.log("warn", "key.rejected", { place: `KV ${entry}, ${place}`, reason });
    for (const key of parsed.keys) {
      if (key.enabled === false) continue;
      found.push({ ...key, name: key.name ?? (entry === configKey ? `kv-${found.length + 1}` : entry) });
    }
  });
  return found;
}

// --- helpers ---

async function namesOfEntries({ kv, store, now }: Parameters<typeof importKeys>[0]): Promise<string[]> {
  const text = await store.meta.get(namesKey);
  if (text !== null) {
    const kept = JSON.parse(text) as { at: number; names: string[] };
    if (now - kept.at < listEveryMs) return kept.names;
  }
  const names: string[] = [];
  let cursor: string | undefined;
  do {
    const page = await kv.list({ prefix: "key_", ...(cursor === undefined ? {} : { cursor }) });
    names.push(...page.keys.map(({ name }) => name).filter((name) => /^key_\d+$/.test(name)));
    cursor = page.list_complete ? undefined : page.cursor;
  } while (cursor !== undefined);
  await store.meta.set(namesKey, JSON.stringify({ at: now, names }));
  return names;
}
