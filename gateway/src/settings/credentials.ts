/**
 * Gemini keys of the environment and of the key file, as one list.
 * @module
 */
import { parseAccount } from "../accounts/tokens.ts";
import { parseKeys } from "./keys.ts";
import type { Reader } from "./reader.ts";
import { defaultKeyFile } from "./table.ts";
import type { ConfiguredKey } from "./types.ts";

/**
 * Gathers keys from GEMINI_API_KEY, GEMINI_API_KEYS, API_KEYS and the key file, in this order, each secret once.
 * Entries that cannot be keys become problems of the reader; repeats become warnings.
 * @param reader over the environment
 * @returns keys with unique names (`env-1`, `env-2`, … where the form carried none)
 */
export function collectCredentials(reader: Reader): ConfiguredKey[] {
  const credentials: ConfiguredKey[] = [];
  const secrets = new Map<string, string>();
  const names = new Set<string>();

  const add = (variable: string, text: string): void => {
    const parsed = parseKeys(text, { allowInsecure: reader.allowsInsecure() });
    for (const { place, reason } of parsed.rejected) reader.refuse(variable, `${variable}, ${place}: ${reason}.`);
    for (const { place, first } of parsed.duplicates)
      reader.warn(`${variable}, ${place}: is the same key as ${first}.`);
    for (const key of parsed.keys) {
      const known = secrets.get(key.secret);
      if (known !== undefined) {
        reader.warn(`${variable}: the key named '${key.name ?? known}' is already given as '${known}'.`);
        continue;
      }
      const name = freeName(key.name ?? `env-${credentials.length + 1}`, names);
      secrets.set(key.secret, name);
      const { enabled = true, ...facts } = key;
      if (enabled) credentials.push({ ...facts, name });
    }
  };

  for (const variable of ["GEMINI_API_KEY", "GEMINI_API_KEYS", "API_KEYS"]) {
    const found = reader.raw(variable);
    if (found !== null) add(found.variable, found.text);
  }
  const file = reader.raw("GEMINI_API_KEYS_FILE");
  const text = reader.readFile?.(file?.text ?? defaultKeyFile) ?? null;
  if (text !== null) {
    if (file === null) reader.sources.set("GEMINI_API_KEYS_FILE", { kind: "file", variable: defaultKeyFile });
    add(file === null ? defaultKeyFile : "GEMINI_API_KEYS_FILE", text);
  } else if (file !== null) reader.refuse(file.variable, `${file.variable}: expected the path of a readable file.`);
  return credentials;
}

/**
 * The Code Assist account of GCP_SERVICE_ACCOUNT: the content of oauth_creds.json, or the path of a file with it.
 * @param reader over the environment
 * @returns the content; null: none, or one that cannot be an account, which becomes a problem of the reader
 */
export function collectAccount(reader: Reader): string | null {
  const found = reader.raw("GCP_SERVICE_ACCOUNT");
  if (found === null) return null;
  const { variable } = found;
  const isContent = /^["{[]/.test(found.text);
  const text = isContent ? found.text : (reader.readFile?.(found.text) ?? null);
  if (text === null) {
    const readable = reader.readFile === undefined ? "" : ", or the path of a readable file with it";
    reader.refuse(variable, `${variable}: expected the JSON content of oauth_creds.json${readable}.`);
    return null;
  }
  const parsed = parseAccount(text.trim());
  if (parsed.ok) return text.trim();
  reader.refuse(variable, `${variable}: the account ${parsed.reason}.`);
  return null;
}

// --- helpers ---

function freeName(wanted: string, taken: Set<string>): string {
  let name = wanted;
  for (let number = 2; taken.has(name); number++) name = `${wanted}-${number}`;
  taken.add(name);
  return name;
}
