/**
 * Disabled credentials come back by themselves: when their probe is due, `GET models` is asked, which costs no tokens.
 * Accounts are made ready instead.
 * @module
 */
import { addCredential } from "../backends/gemini-api/authenticate.ts";
import type { CallEnvironment } from "../call/environment.ts";
import { judge } from "../call/verdict/judge.ts";
import type { AccountKeeper } from "../core/accounts.ts";
import type { Lease } from "../core/credential.ts";
import type { Secret } from "../core/secret.ts";
import type { Effect } from "../core/verdict.ts";
import type { Pool } from "../pool/types.ts";

/** At most this many probes a pass, so that a large dead pool is not knocked at all at once. */
const probesAPass = 10;
/** An answer later than this counts as none. */
const timeoutMs = 20_000;
/** After an inconclusive probe (network, 5xx) the next one comes this much later. */
const inconclusiveMs = 10 * 60_000;

/** An answer to a probe; `body`: at most its first 64 KB. */
export interface ProbeAnswer {
  status: number;
  body: string;
}

/**
 * Asks an address. Rejects when there is no answer.
 * @param request `proxy`: null: none; an implementation that cannot use one must reject instead of going without it
 */
export type ProbeFetch = (request: {
  url: string;
  headers: Readonly<Record<string, string>>;
  proxy: Secret | null;
  timeoutMs: number;
}) => Promise<ProbeAnswer>;

/**
 * Probes what is due, each credential at its own base URL and through its own proxy.
 * @param parts pool and shared environment; `ask`: asks the upstream (default: the platform's `fetch`, without proxies);
 *   `accounts`: makes accounts ready (default: they are not probed)
 */
export async function probeDue(parts: {
  pool: Pool;
  environment: CallEnvironment;
  ask?: ProbeFetch;
  accounts?: AccountKeeper;
}): Promise<void> {
  const { pool, environment } = parts;
  const due = pool.dueProbes(environment.clock.now()).slice(0, probesAPass);
  for (const lease of due) await (lease.kind === "code-assist" ? probeAccount(lease, parts) : probe(lease, parts));
}

/** Asks by the platform's `fetch`, which goes through no proxy. */
export async function askByFetch({
  url,
  headers,
  proxy,
  timeoutMs: limit,
}: Parameters<ProbeFetch>[0]): Promise<ProbeAnswer> {
  if (proxy !== null) throw new Error("This host has no outbound proxies.");
  const answer = await fetch(url, { headers, redirect: "manual", signal: AbortSignal.timeout(limit) });
  return { status: answer.status, body: (await answer.text()).slice(0, 65_536) };
}

// --- helpers ---

async function probeAccount(lease: Lease, parts: Parameters<typeof probeDue>[0]): Promise<void> {
  const { pool, environment, accounts } = parts;
  if (accounts === undefined) return;
  const prepared = await accounts.prepare(lease, environment.clock.now());
  if (prepared.ok) return recovered(lease, parts);
  const now = environment.clock.now();
  const disables = prepared.effects.filter(({ kind }) => kind === "disable");
  const isTold = disables.length > 0;
  // What passes tells nothing about the trouble that is known: its rule and words stay.
  const known = pool.view(now).find(({ id }) => id === lease.credentialId)?.disabled?.rule;
  const rule = isTold ? prepared.rule : (known ?? prepared.rule);
  const effects = isTold ? disables : [postpone(pool, lease, now)];
  pool.apply({ lease, model: null, rule, effects, consumer: null, limits: [], now });
}

function recovered(lease: Lease, { pool, environment }: Parameters<typeof probeDue>[0]): void {
  pool.reset(lease.credentialId);
  environment.logger.log("info", "credential.recovered", {
    credential: lease.credentialId,
    name: lease.credentialName,
  });
}

async function probe(lease: Lease, parts: Parameters<typeof probeDue>[0]): Promise<void> {
  const { pool, environment, ask = askByFetch } = parts;
  const credential: string[] = [];
  addCredential(credential, lease.secret);
  const { origin, prefix } = environment.addressFor("gemini-api", lease.baseUrl);
  const now = environment.clock.now();
  let status = 0;
  let body = "";
  try {
    const answer = await ask({
      url: `${origin}${prefix}/v1beta/models?pageSize=1`,
      headers: { [credential[0] as string]: credential[1] as string },
      proxy: lease.proxy ?? environment.proxy,
      timeoutMs,
    });
    ({ status, body } = answer);
  } catch {
    status = 0;
  }
  if (status === 200) return recovered(lease, parts);
  const verdict =
    status === 0
      ? null
      : judge({
          kind: "status",
          status,
          headers: [],
          body,
          backend: "gemini-api",
          model: null,
          namesResource: false,
          repeatable: true,
          streaming: false,
          now,
        });
  const effects = verdict?.effects.filter((effect: Effect) => effect.kind === "disable") ?? [];
  pool.apply({
    lease,
    model: null,
    rule: verdict?.rule ?? "probe.unreachable",
    effects: effects.length > 0 ? effects : [postpone(pool, lease, now)],
    consumer: null,
    limits: [],
    now,
  });
}

/** The same disable with a later probe: an answer that tells nothing about the key changes nothing about it. */
function postpone(pool: Pool, lease: Lease, now: number): Effect {
  const view = pool.view(now).find((one) => one.id === lease.credentialId);
  return {
    kind: "disable",
    scope: view?.disabled?.scope ?? "credential",
    reason: view?.disabled?.reason ?? "invalid-key",
    probeAtMs: now + inconclusiveMs,
    words: view?.disabled?.words ?? "",
  };
}
