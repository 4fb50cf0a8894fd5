/**
 * What can be checked on this machine: settings, Node, data directory, master key, store.
 * @module
 */
import { accessSync, constants, readdirSync, statSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { clientOf } from "../../accounts/oauth.ts";
import { masterKeyFile, saltFile } from "../../hosts/node/master-key-file.ts";
import { accountTrouble, loadAccountViews, type AccountView } from "../accounts/account-views.ts";
import type { Configuration } from "../configuration.ts";
import { wordsOf } from "../failure.ts";
import { loadKeyViews } from "../key-views.ts";
import type { KeyState, KeyView } from "../key-views.ts";
import { toByteText } from "../moments.ts";
import { databaseFile, withWorkspace } from "../workspace.ts";
import { finding } from "./finding.ts";
import type { Finding } from "./finding.ts";

/** Oldest Node that the gateway runs on. */
const leastNode = [22, 19] as const;

/** Settings: every problem and every warning. */
export function checkSettings(configuration: Configuration): Finding[] {
  const { problems, warnings, envFile } = configuration;
  const next = "'gemini-proxy config' shows all settings and where each came from.";
  if (problems.length + warnings.length === 0)
    return [finding("ok", "settings", envFile === null ? "in order" : `in order, with those of ${envFile}`)];
  return [
    ...problems.map(({ message }) => finding("fail", "settings", message, next)),
    ...warnings.map((warning) => finding("warn", "settings", warning)),
  ];
}

/** The running Node. */
export function checkNode(version: string = process.versions.node): Finding {
  const [major = 0, minor = 0] = version.split(".").map(Number);
  const isOld = major < leastNode[0] || (major === leastNode[0] && minor < leastNode[1]);
  const wanted = leastNode.join(".");
  return isOld
    ? finding("fail", "node", `${version} is too old`, `Install Node ${wanted} or later.`)
    : finding("ok", "node", `${version} on ${process.platform} ${process.arch}`);
}

/** The data directory: there, writable, private, and how large. */
export function checkDataDir(dataDir: string): Finding[] {
  const path = resolve(dataDir);
  let mode: number;
  try {
    const folder = statSync(path);
    if (!folder.isDirectory())
      return [finding("fail", "data directory", `${path} is not a folder`, "Set DATA_DIR to a folder.")];
    mode = folder.mode;
  } catch (error) {
    if ((error as { code?: string }).code !== "ENOENT")
      return [finding("fail", "data directory", wordsOf(error), "Check DATA_DIR.")];
    return isWritable(nearestFolder(path))
      ? [finding("info", "data directory", `${path} is not there yet; the first start makes it`)]
      : [
          finding(
            "fail",
            "data directory",
            `${path} is not there and cannot be made`,
            "Set DATA_DIR to a folder that this user may write to.",
          ),
        ];
  }
  if (!isWritable(path))
    return [
      finding(
        "fail",
        "data directory",
        `${path} cannot be written to`,
        "Give this user the right to write there (chown, or the volume's settings).",
      ),
    ];
  const findings = [finding("ok", "data directory", `${path}, ${toByteText(sizeOf(path))}`)];
  // Windows has no such bits.
  if (process.platform !== "win32") {
    if ((mode & 0o077) !== 0)
      findings.push(
        finding(
          "warn",
          "data directory",
          `others on this machine may enter it (mode ${(mode & 0o777).toString(8)})`,
          `chmod 700 ${path}`,
        ),
      );
    for (const name of [masterKeyFile, saltFile]) {
      const file = statSync(join(path, name), { throwIfNoEntry: false });
      if (file !== undefined && (file.mode & 0o077) !== 0)
        findings.push(
          finding(
            "fail",
            "master key",
            `others on this machine may read ${name} (mode ${(file.mode & 0o777).toString(8)})`,
            `chmod 600 ${join(path, name)}`,
          ),
        );
    }
  }
  return findings;
}

/** The store: opens, what it holds, and whether the configured master key opens the keys in it. */
export async function checkStore(
  configuration: Configuration,
  now: number,
): Promise<{ findings: Finding[]; keys: KeyView[] }> {
  try {
    return await withWorkspace(configuration, { write: false }, async (workspace) => {
      const keys = await loadKeyViews(workspace, configuration, now);
      const accounts = await loadAccountViews(workspace, configuration, now);
      const clients = (await workspace.store.clients.list()).filter(
        (client) => client.enabled && (client.expiresAt ?? Infinity) > now,
      );
      const findings: Finding[] = [];
      if (workspace.exists) {
        const size = await workspace.store.ledger.size();
        findings.push(
          finding("ok", "database", `opens; ${size.calls} calls, ${size.attempts} attempts, ${toByteText(size.bytes)}`),
        );
      } else findings.push(finding("info", "database", `${databaseFile} is not there yet; the first start makes it`));
      findings.push(...keyFindings(keys, accounts.length), ...accountFindings(accounts, configuration));
      findings.push(...clientFindings(clients.length, configuration, workspace.exists));
      return { findings, keys };
    });
  } catch (error) {
    return {
      findings: [
        finding("fail", "database", wordsOf(error), "Restore it from a backup, or set DATA_DIR to another folder."),
      ],
      keys: [],
    };
  }
}

// --- helpers ---

function countStates(views: readonly { state: KeyState }[]): { count(state: KeyState): number; detail: string } {
  const count = (state: KeyState): number => views.filter((view) => view.state === state).length;
  const detail = `${views.length} in all: ${(["active", "cooling", "disabled", "off", "unreadable"] as const)
    .filter((state) => count(state) > 0)
    .map((state) => `${count(state)} ${state}`)
    .join(", ")}`;
  return { count, detail };
}

function accountFindings(accounts: readonly AccountView[], configuration: Configuration): Finding[] {
  if (accounts.length === 0) return [];
  const { count, detail } = countStates(accounts);
  const { settings } = configuration;
  const out = accounts.flatMap((view) => {
    const isOut = view.state === "disabled" || view.state === "unreadable";
    return isOut ? [`${view.credential.name}: ${accountTrouble(view) ?? view.state}`] : [];
  });
  const why = out.length === 0 ? "" : `. ${out.slice(0, 3).join(" ")}`;
  const next = "See 'gemini-proxy accounts list'; 'gemini-proxy accounts check' asks Google again.";
  const isServed = count("active") + count("cooling") > 0;
  const findings = [
    out.length === 0 && isServed
      ? finding("ok", "accounts", detail)
      : finding(isServed ? "warn" : "fail", "accounts", `${isServed ? "" : "none can serve: "}${detail}${why}`, next),
  ];
  const client = clientOf(settings);
  if (!client.ok) findings.push(finding("fail", "accounts", client.failure.words, "See docs/code-assist.md."));
  return findings;
}

function keyFindings(keys: readonly KeyView[], accounts: number): Finding[] {
  if (keys.length === 0)
    return [
      accounts === 0
        ? finding("warn", "keys", "there is no Gemini key", "Add one with 'gemini-proxy keys add'.")
        : finding("info", "keys", "there is none: accounts alone serve no embeddings, files, batches and the like"),
    ];
  const { count, detail } = countStates(keys);
  const usable = count("active") + count("cooling");
  const findings = [
    usable > 0
      ? finding("ok", "keys", detail)
      : finding("fail", "keys", `none can serve: ${detail}`, "See 'gemini-proxy keys list' for the reasons."),
  ];
  if (count("unreadable") > 0)
    findings.push(
      finding(
        "fail",
        "master key",
        `does not open ${count("unreadable")} of the stored keys`,
        "Set ENCRYPTION_KEY, or restore master.key, to the key that sealed them; or remove them and add them again.",
      ),
    );
  return findings;
}

function clientFindings(stored: number, configuration: Configuration, exists: boolean): Finding[] {
  const { openMode, proxyApiKeys } = configuration.settings;
  if (openMode)
    return [
      finding(
        "warn",
        "client keys",
        "OPEN_MODE is on: anyone who reaches the port may call",
        "Switch it off unless the port is private.",
      ),
    ];
  const total = stored + proxyApiKeys.length;
  if (total > 0) return [finding("ok", "client keys", `${total} in force`)];
  return [
    exists
      ? finding(
          "warn",
          "client keys",
          "there is none in force, so every call is refused",
          "Make one with 'gemini-proxy clients create'.",
        )
      : finding("info", "client keys", "there is none yet; the first start makes one"),
  ];
}

function isWritable(path: string): boolean {
  try {
    accessSync(path, constants.W_OK | constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

function nearestFolder(path: string): string {
  const parent = dirname(path);
  return parent === path || statSync(parent, { throwIfNoEntry: false })?.isDirectory() === true
    ? parent
    : nearestFolder(parent);
}

function sizeOf(path: string): number {
  let bytes = 0;
  // Files come and go under a running gateway.
  for (const entry of readdirSync(path, { recursive: true, withFileTypes: true }))
    if (entry.isFile()) bytes += statSync(join(entry.parentPath, entry.name), { throwIfNoEntry: false })?.size ?? 0;
  return bytes;
}
