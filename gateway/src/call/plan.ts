/**
 * The plan: who owns what a call names, then the pool's choice within it. Joins affinity and pool; used by every host
 * that holds both (design, "plan": affinity first, then tier, then the pool's choice).
 * @module
 */
import type { ResourceBinding, ResourceName, ResourceOwner } from "../core/resources.ts";
import type { Affinity, Resolution } from "../pool/affinity/types.ts";
import type { Pool } from "../pool/types.ts";
import type { Plan, PlanRequest } from "./control.ts";

/** What a plan is made with. */
export interface PlanParts {
  pool: Pool;
  affinity: Affinity;
  /** RESOURCE_SHARING=all: whose a resource is does not matter. */
  shareAll: boolean;
}

const nobody: readonly never[] = [];
/** Projects of one list call that are passed over because none of their keys can serve. */
const skipLimit = 1_000;

/** Plans one attempt. Never throws for a normal outcome. */
export function planCall(parts: PlanParts, request: PlanRequest): Plan {
  const { pool, affinity } = parts;
  if (request.list !== null) return planList(parts, request, request.list);
  let owner: ResourceOwner | null = null;
  let unknown: readonly ResourceName[] = nobody;
  let prefer: ResourceOwner | null = null;
  if (request.names.length > 0) {
    const resolution = resolve(parts, request);
    if (!resolution.ok)
      return resolution.reason === "forbidden"
        ? { ok: false, reason: "forbidden", words: `'${resolution.name}'` }
        : { ok: false, reason: "apart", words: apartWords(resolution.one, resolution.other) };
    ({ owner, unknown } = resolution);
  }
  if (owner === null && request.searching === true) return planSearch(parts, request, unknown);
  const signed = request.signature === null ? null : affinity.get(request.signature, request.now);
  if (owner === null) {
    if (request.creates) prefer = affinity.home(request.client, request.now);
    else if (signed !== null) prefer = signed;
  }
  const pick = pool.pick({
    model: request.model,
    strategy: request.strategy,
    stickyKey: request.stickyKey,
    tried: request.tried,
    allowTried: request.allowTried ?? false,
    keysOnly: request.keysOnly ?? false,
    owner,
    prefer,
    affinityKey: request.affinityKey ?? null,
    cost: request.cost ?? null,
    now: request.now,
  });
  if (!pick.ok) return owner === null ? pick : { ...pick, owned: true };
  return {
    ok: true,
    lease: pick.lease,
    owner,
    unknown,
    foreignSignature: signed !== null && pool.ownerProject(signed) !== pick.lease.projectId,
    listed: null,
  };
}

// --- helpers ---

/** The next project that was not asked yet. */
function planSearch({ pool }: PlanParts, request: PlanRequest, unknown: readonly ResourceName[]): Plan {
  const asked = new Set(request.tried.map((credentialId) => pool.ownerProject({ credentialId, projectId: "" })));
  for (const projectId of pool.projectIds()) {
    if (asked.has(projectId)) continue;
    const pick = pool.pick({
      model: request.model,
      strategy: request.strategy,
      stickyKey: null,
      tried: request.tried,
      keysOnly: request.keysOnly ?? false,
      owner: { credentialId: "", projectId },
      cost: request.cost ?? null,
      now: request.now,
    });
    if (pick.ok) return { ok: true, lease: pick.lease, owner: null, unknown, foreignSignature: false, listed: null };
  }
  return { ok: false, reason: "tried", causes: {}, soonestMs: null };
}

function planList(parts: PlanParts, request: PlanRequest, list: NonNullable<PlanRequest["list"]>): Plan {
  const { pool, affinity } = parts;
  const projectOf = (owner: ResourceOwner): string | null => pool.ownerProject(owner);
  const projects = parts.shareAll
    ? pool.projectIds()
    : affinity.owners(list.kind, request.client, { now: request.now, projectOf }).map(({ projectId }) => projectId);
  let skipped = 0;
  for (const projectId of projects) {
    if (projectId <= list.after) continue;
    const pick = pool.pick({
      model: null,
      strategy: request.strategy,
      stickyKey: null,
      tried: request.tried,
      keysOnly: request.keysOnly ?? false,
      owner: { credentialId: "", projectId },
      now: request.now,
    });
    if (pick.ok)
      return {
        ok: true,
        lease: pick.lease,
        owner: { credentialId: "", projectId },
        unknown: nobody,
        foreignSignature: false,
        listed: { projectId, skipped },
      };
    if (++skipped >= skipLimit) break;
  }
  return { ok: false, reason: "list-end", skipped };
}

function resolve({ pool, affinity, shareAll }: PlanParts, request: PlanRequest): Resolution {
  const projectOf = (owner: ResourceOwner): string | null => pool.ownerProject(owner);
  const resolution = affinity.resolve(request.names, request.client, { now: request.now, projectOf });
  if (resolution.ok || resolution.reason !== "forbidden" || !shareAll) return resolution;
  // What was bound to one client before everything was shared.
  let owner: ResourceBinding | null = null;
  const unknown: ResourceName[] = [];
  for (const name of request.names) {
    const binding = affinity.get(name, request.now);
    if (binding === null) unknown.push(name);
    else if (owner === null) owner = binding;
    else if (projectOf(owner) !== projectOf(binding)) return { ok: false, reason: "apart", one: owner, other: binding };
  }
  return { ok: true, owner, unknown };
}

/** Names the two resources, which the client sent itself; projects are the operator's business. */
function apartWords(one: ResourceBinding, other: ResourceBinding): string {
  return `'${one.name}' and '${other.name}'`;
}
