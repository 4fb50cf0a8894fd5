/**
 * Disabled credentials come back by themselves: when their probe is due, `GET models` is asked, which costs no tokens.
 * @module
 */
import { addCredential } from "../backends/gemini-api/authenticate.ts";
import type { CallEnvironment } from "../call/environment.ts";
import { judge } from "../call/verdict/judge.ts";
import type { Lease } from "../core/credential.ts";
import type { Effect } from "../core/verdict.ts";
import type { Pool } from "../pool/types.ts";

/** At most this many probes a pass, so that a large dead pool is not knocked at all at once. */
const probesAPass = 10;
/** After an inconclusive probe (network, 5xx) the next one comes this much later. */
const inconclusiveMs = 10 * 60_000;

/**
 * Probes what is due.
 * @param parts pool and shared environment
 */
export async function probeDue(parts: { pool: Pool; environment: CallEnvironment }): Promise<void> {
  const { pool, environment } = parts;
  const due = pool.dueProbes(environment.clock.now()).slice(0, probesAPass);
  for (const lease of due) await probe(lease, parts);
}

// --- helpers ---

async function probe(lease: Lease, parts: { pool: Pool; environment: CallEnvironment }): Promise<void> {
  const { pool, environment } = parts;
  const credential: string[] = [];
  addCredential(credential, lease.secret);
  const address = environment.addresses["gemini-api"];
  const now = environment.clock.now();
  let status = 0;
  let body = "";
  try {
    const answer = await fetch(`${address.origin}${address.prefix}/v1beta/models?pageSize=1`, {
      headers: { [credential[0] as string]: credential[1] as string },
      redirect: "manual",
      signal: AbortSignal.timeout(20_000),
    });
    status = answer.status;
    body = (await answer.text()).slice(0, 65_536);
  } catch {
    status = 0;
  }
  if (status === 200) {
    pool.reset(lease.credentialId);
    environment.logger.log("info", "credential.recovered", {
      credential: lease.credentialId,
      name: lease.credentialName,
    });
    return;
  }
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
