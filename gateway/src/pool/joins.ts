/**
 * Carries out what is inferred of projects: keys that share a quota are joined, keys that turn out to have their own are
 * split off again. Only credentials whose project nobody has named take part; an operator's or Google's word ends it.
 * @module
 */
import type { Lease } from "../core/credential.ts";
import { createProjectInference } from "./inference/project-inference.ts";
import type { InferenceEvent, InferenceFinding } from "./inference/types.ts";
import { hasProjectByHand, inferredProjectId, isUnnamed, ownProjectId } from "./member.ts";
import type { Member, Project } from "./member.ts";
import type { RefusedLimit } from "./quota-keeper.ts";
import type { Roster } from "./roster.ts";
import { createSecondLooks } from "./second-look.ts";
import type { SecondLooks } from "./second-look.ts";

/** What was concluded, for logs. */
export interface Conclusion {
  kind: "merge" | "split";
  /** Credentials that are in another project now. */
  credentialIds: readonly string[];
  projectId: string;
  evidence: string;
}

/** Observes calls. */
export interface Joins {
  /** Google refused for quota. */
  refused(member: Member, lease: Lease, parts: { model: string; limits: readonly RefusedLimit[] }): void;
  /** A call was served. @param usedToday requests of the project for the model */
  served(member: Member, lease: Lease, parts: { model: string; usedToday: () => number }): void;
  /** Projects that were joined before a restart. */
  restore(): void;
  /** Whom to ask although its project has no quota left, see second-look.ts. */
  secondLook: SecondLooks["find"];
}

/**
 * Makes it.
 * @param options `rehome`: moves a member to a project and remembers it; `onConclusion`: for logs
 */
export function createJoins(options: {
  roster: Roster;
  rehome: (member: Member, projectId: string) => void;
  onConclusion: (conclusion: Conclusion) => void;
}): Joins {
  const { roster, rehome, onConclusion } = options;
  const inference = createProjectInference();
  const looks = createSecondLooks(roster.projects);

  function observe(event: InferenceEvent): void {
    for (const finding of inference.observe(event)) carryOut(finding);
  }

  function carryOut(finding: InferenceFinding): void {
    const { kind, evidence } = finding;
    if (finding.kind === "split") {
      const member = roster.byId.get(finding.split);
      if (member !== undefined && member.project.isUnnamed) split(member, evidence);
      return;
    }
    const [into, from] = finding.merge.map((id) => projectOf(id));
    if (into == null || from == null || into === from) return;
    const projectId = inferredProjectId(finding.merge[0]);
    const moving = [...from.members, ...(into.id === projectId ? [] : into.members)];
    for (const member of moving) if (!hasProjectByHand(member.credential)) rehome(member, projectId);
    looks.watch(projectId);
    onConclusion({ kind, credentialIds: moving.map(({ credential }) => credential.id), projectId, evidence });
  }

  function split(member: Member, evidence: string): void {
    const { id } = member.credential;
    const projectId = ownProjectId(id);
    rehome(member, projectId);
    onConclusion({ kind: "split", credentialIds: [id], projectId, evidence });
  }

  /** The inference knows a joined project by the name of its first. */
  function projectOf(id: string): Project | null {
    return roster.projects.get(inferredProjectId(id)) ?? roster.projects.get(id) ?? null;
  }

  function nameOf(member: Member, lease: Lease): { credentialId: string; projectId: string; now: number } | null {
    if (lease.reserved == null || !member.project.isUnnamed) return null;
    return { credentialId: lease.credentialId, projectId: ownName(member.project.id), now: lease.reserved.at };
  }

  return {
    refused(member, lease, { model, limits }) {
      if (lease.reserved != null) looks.refused(member, model, lease.reserved.at);
      for (const { metric, window, value, used } of limits) {
        const named = nameOf(member, lease);
        if (named !== null) observe({ kind: "refused", ...named, model, metric, window, limit: value, usedHere: used });
      }
    },
    served(member, lease, { model, usedToday }) {
      // On every call's way: mostly there is nothing to conclude.
      if (member.heardAs === member.project && looks.isIdle() && inference.isIdle()) return;
      member.heardAs = member.project;
      const named = nameOf(member, lease);
      if (named !== null && looks.served(member, model, named.now)) {
        for (const one of member.project.members)
          split(one, `calls of ${model} were served although the project's day was used up`);
        return;
      }
      if (named !== null) observe({ kind: "served", ...named, model, usedHere: usedToday() });
    },
    restore() {
      const joined = [...roster.projects.keys()].filter((id) => isUnnamed(id) && ownName(id) !== id);
      for (const id of joined) looks.watch(id);
      if (joined.length > 0) inference.restore(joined.map(ownName));
    },
    secondLook: looks.find,
  };
}

// --- helpers ---

/** `own:x` of `inferred:x`. */
function ownName(projectId: string): string {
  if (projectId.startsWith(ownProjectId(""))) return projectId;
  return ownProjectId(projectId.slice(projectId.indexOf(":") + 1));
}
