/**
 * Puts an account into the store: a new one, or new tokens for one that is there.
 * @module
 */
import { accountKey, writeTokens, type ParsedAccount } from "../../accounts/tokens.ts";
import { unknownAccount } from "../../core/accounts.ts";
import { environmentAccount } from "../../hosts/accounts/environment-account.ts";
import { nodeDigest } from "../../hosts/node/ports.ts";
import { parseCloudProject } from "../../settings/structured-values.ts";
import { proxyContext } from "../../settings/stored-keys.ts";
import { credentialIdOf, fingerprintOf } from "../../vault/fingerprint.ts";
import { withoutMark } from "../add-keys.ts";
import type { Configuration } from "../configuration.ts";
import { CliFailure, usageFailure } from "../failure.ts";
import { keyOptions, readKeyOptions, type KeyChange } from "../keys/key-options.ts";
import type { Output } from "../output.ts";
import type { Workspace } from "../workspace.ts";

/** What became of it. */
export interface StoredAccountOutcome {
  /** `updated`: the account was there; it has the new tokens now. */
  status: "added" | "updated";
  id: string;
  name: string;
  email: string | null;
  /** The environment gives the same account, too. */
  inEnvironment: boolean;
}

/** Options of the commands that store accounts. */
export const accountOptions = {
  name: keyOptions.name,
  project: {
    type: "string",
    valueHint: "id",
    description: "Google Cloud project of the licence (its id); otherwise GEMINI_PROJECT_ID, or what Google names",
  },
  tier: keyOptions.tier,
  weight: keyOptions.weight,
  proxy: { ...keyOptions.proxy, description: "Outbound proxy for this account alone: http://, https:// or socks5://" },
} as const;

/** What they say. */
export interface AccountChange extends Pick<KeyChange, "name" | "tier" | "weight" | "proxy"> {
  wantedProject?: string;
}

/**
 * Reads the options.
 * @throws CliFailure (exit code 2)
 */
export async function readAccountOptions(
  values: Partial<Record<keyof typeof accountOptions, string | undefined>>,
  parts: { configuration: Configuration; output: Output },
): Promise<AccountChange> {
  const { project, ...others } = values;
  const change: AccountChange = await readKeyOptions(
    { name: others.name, tier: others.tier, weight: others.weight, proxy: others.proxy },
    {
      allowInsecure: parts.configuration.settings.allowInsecureUpstream,
      clearable: false,
      stdin: false,
      warn: (text) => parts.output.warn(text),
    },
  );
  if (project === undefined) return change;
  const wantedProject = parseCloudProject(project);
  if (wantedProject === null)
    throw usageFailure("--project: expected the id of a Google Cloud project, such as my-project (not its number).");
  return { ...change, wantedProject };
}

/**
 * Stores it; forgets why the gateway took the account out; raises the revision, so that a running gateway takes it up.
 * @throws CliFailure when it cannot be stored
 */
export async function storeAccount(
  account: ParsedAccount,
  change: AccountChange,
  parts: { workspace: Workspace; configuration: Configuration; now: number },
): Promise<StoredAccountOutcome> {
  const { workspace, configuration, now } = parts;
  const { store } = workspace;
  const vault = await workspace.vault();
  const fingerprint = fingerprintOf(accountKey(account), nodeDigest);
  const id = credentialIdOf(fingerprint);
  const given = environmentAccount(configuration.settings, nodeDigest);
  const isGiven = given?.id === id;
  const row = await store.credentials.get(id);
  const email = account.owner.email ?? row?.account?.email ?? null;
  const sealed = await vault.seal(writeTokens(account.tokens), id);
  const proxy = change.proxy == null ? {} : { sealedProxy: await vault.seal(change.proxy, proxyContext(id)) };
  const { wantedProject = row?.account?.wantedProject ?? null } = change;
  const facts = {
    ...(row?.account ?? unknownAccount),
    email,
    scopes: account.scopes,
    wantedProject,
    lastError: null,
    // Looked up anew: the account may have got a licence, or another project.
    projectFoundAt: null,
    // Newer than what the environment gives now, older than what it may give later.
    ...(isGiven ? { given: given.given } : {}),
  };
  const { name, tier, weight } = change;
  if (row !== null) {
    const values = {
      sealed,
      account: facts,
      ...proxy,
      ...(name === undefined ? {} : { name: withoutMark(name) }),
      ...(tier === undefined ? {} : { tier }),
      ...(weight === undefined ? {} : { weight }),
    };
    if (!(await store.credentials.update(id, values))) throw new CliFailure("The account was removed meanwhile.");
    await forgetTrouble(id, workspace);
    await store.revision.raise();
    return { status: "updated", id, name: values.name ?? withoutMark(row.name), email, inEnvironment: isGiven };
  }
  const taken = new Set((await store.credentials.list()).map((one) => one.name));
  const added = {
    id,
    name: freeName(withoutMark(name ?? email ?? "account"), taken),
    sealed,
    fingerprint,
    projectId: null,
    weight: weight ?? 1,
    tier: tier ?? 0,
    enabled: true,
    createdAt: now,
    kind: "code-assist" as const,
    account: facts,
    ...proxy,
  };
  if (!(await store.credentials.add(added))) throw new CliFailure("Another process has just stored this account.");
  await forgetTrouble(id, workspace);
  await store.revision.raise();
  return { status: "added", id, name: added.name, email, inEnvironment: isGiven };
}

/**
 * Deletes what is kept about an account's own faults.
 * @returns whether there was something
 */
export async function forgetTrouble(id: string, { store }: Workspace): Promise<boolean> {
  const { disabled } = await store.health.list();
  const own = disabled.filter(({ scope, subject }) => scope === "credential" && subject === id);
  if (own.length === 0) return false;
  await store.health.write(own.map((value) => ({ kind: "disabled", value, removed: true })));
  return true;
}

/** Says it for people. */
export function tellOutcome(outcome: StoredAccountOutcome, configuration: Configuration, output: Output): void {
  const { status, id, name, email, inEnvironment } = outcome;
  const who = email === null || email === name ? `'${name}'` : `'${name}' (${email})`;
  output.line(
    status === "added"
      ? `Added account ${who}, ${id}.`
      : `Account ${who}, ${id}, was here already and has the new tokens now.`,
  );
  if (inEnvironment)
    output.note("The environment gives this account, too. It counts once, and these tokens outrank that text.");
  const { oauthClientId, oauthClientSecret } = configuration.settings;
  if (oauthClientId === null || oauthClientSecret === null)
    output.warn(
      "CODE_ASSIST_CLIENT_ID and CODE_ASSIST_CLIENT_SECRET are not set here. A gateway without them cannot refresh the account's token, which lives for an hour: see docs/code-assist.md.",
    );
  output.note("'gemini-proxy accounts check' asks Google whether it is in order.");
}

// --- helpers ---

function freeName(wanted: string, taken: ReadonlySet<string>): string {
  let name = wanted;
  for (let number = 2; taken.has(name); number++) name = `${wanted}-${number}`;
  return name;
}
