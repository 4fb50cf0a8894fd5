/**
 * The index of who owns what. Three parts, each with its own bound, so that what comes with every answer never pushes out
 * what somebody made: resources; interactions, continuations and Live handles; thought signatures.
 *
 * Signatures live in memory only: after a restart a conversation goes to any project, and its signatures are replaced.
 * @module
 */
import {
  foundDetail,
  type ResourceBinding,
  type ResourceClient,
  type ResourceKind,
  type ResourceName,
  type ResourceOwner,
} from "../../core/resources.ts";
import { createChangeBook } from "./changes.ts";
import { createGenerations } from "./generations.ts";
import { createSpace, type Space } from "./space.ts";
import type { Affinity, Resolution } from "./types.ts";

/** Bounds. */
export interface AffinityOptions {
  /** Resources. @default 200,000 */
  maxBindings?: number;
  /** Bytes of those, with 400 for each. @default 128 MB */
  maxBytes?: number;
  /** Interactions, continuations and Live handles. @default 100,000 */
  maxFleeting?: number;
  /** @default 100,000 */
  maxSignatures?: number;
  /** Milliseconds that a signature is remembered which names no time. @default 24 hours */
  signatureTtlMs?: number;
}

/** An empty index. */
export function createAffinity(options: AffinityOptions = {}): Affinity {
  const { maxBindings = 200_000, maxBytes = 128 * 1024 * 1024, maxFleeting = 100_000 } = options;
  const { maxSignatures = 100_000, signatureTtlMs = 24 * 3_600_000 } = options;
  const made = createSpace({ maxEntries: maxBindings, maxBytes });
  const fleeting = createSpace({ maxEntries: maxFleeting, maxBytes: maxFleeting * 1024 });
  const signatures = createGenerations({ maxEntries: maxSignatures });
  const changes = createChangeBook({ maxEntries: maxBindings + maxFleeting });

  return {
    resolve(names, client, { now, projectOf }) {
      let first: Found | null = null;
      let signed: ResourceOwner | null = null;
      const unknown: ResourceName[] = [];
      for (const name of names) {
        const binding = get(name, now);
        if (name.startsWith(signaturePrefix)) {
          // Replaceable: it never refuses a call, and gives way to everything else.
          if (binding !== null && isVisible(binding, client) && projectOf(binding) !== null) signed = binding;
          continue;
        }
        if (binding === null) {
          unknown.push(name);
          continue;
        }
        if (!isVisible(binding, client) && binding.detail !== foundDetail)
          return { ok: false, reason: "forbidden", name };
        const projectId = projectOf(binding);
        const project = projectId ?? binding.projectId;
        if (first === null) first = { binding, project, inPool: projectId !== null };
        else if (first.project !== project) return { ok: false, reason: "apart", one: first.binding, other: binding };
        else if (!first.inPool && projectId !== null) first = { binding, project, inPool: true };
      }
      return { ok: true, owner: toOwner(first === null ? signed : first.binding), unknown } satisfies Resolution;
    },
    get,
    bind(bindings, now) {
      for (const binding of bindings) {
        const known = get(binding.name, now);
        // Whoever names another's resource does not get it, nor does a client get what is everyone's for itself.
        // But what was only found gives way to who makes it.
        const isFound = known !== null && known.detail === foundDetail;
        if (known !== null && known.clientId !== null && known.clientId !== binding.clientId && !isFound) continue;
        if (known !== null && !isFound && binding.detail === foundDetail) continue;
        const next = { ...binding, name: detached(binding.name), detail: detachedOrNull(binding.detail) };
        if (known !== null && known.clientId === null && !isFound) next.clientId = null;
        if (next.name.startsWith(signaturePrefix)) {
          signatures.put({ ...next, expiresAt: next.expiresAt ?? now + signatureTtlMs });
          continue;
        }
        spaceOf(next.name).put(next);
        changes.bind(next);
      }
    },
    forget(name) {
      if (name.startsWith(signaturePrefix)) return signatures.remove(name);
      spaceOf(name).remove(name);
      changes.forget(detached(name));
    },
    home: (client, now) => made.newest(client.shared ? null : client.id, now),
    owners(kind, client, { now, projectOf }) {
      if (kind === "signature") return [];
      const space = fleetingKinds.has(kind) ? fleeting : made;
      const byProject = new Map<string, ResourceOwner>();
      for (const holder of [client.id, null])
        for (const owner of space.ownersOf(holder, kind, now)) {
          const projectId = projectOf(owner);
          if (projectId !== null && !byProject.has(projectId)) byProject.set(projectId, owner);
        }
      return [...byProject]
        .map(([projectId, owner]) => ({ projectId, owner }))
        .sort((left, right) => (left.projectId < right.projectId ? -1 : 1));
    },
    standing(name, client, now) {
      const binding = get(name, now);
      return binding === null ? "unknown" : isVisible(binding, client) ? "visible" : "hidden";
    },
    takeChanges: () => changes.take(),
    putBack: (back) => changes.putBack(back),
    restore(kept, now) {
      // The newest come first: what finds no room is left out, rather than pushing those out again.
      for (const binding of kept) {
        if (binding.name.startsWith(signaturePrefix) || (binding.expiresAt !== null && binding.expiresAt <= now))
          continue;
        const space = spaceOf(binding.name);
        if (space.get(binding.name, now) === null && space.hasRoom(binding)) space.put(binding);
      }
    },
    sweep(now) {
      made.sweep(now, sweepLimit);
      fleeting.sweep(now, sweepLimit);
      signatures.sweep(now);
    },
    size: () => made.size() + fleeting.size() + signatures.size(),
  };

  function get(name: ResourceName, now: number): ResourceBinding | null {
    return name.startsWith(signaturePrefix) ? signatures.get(name, now) : spaceOf(name).get(name, now);
  }

  function spaceOf(name: ResourceName): Space {
    return fleetingNames.test(name) ? fleeting : made;
  }
}

// --- helpers ---

interface Found {
  binding: ResourceBinding;
  project: string;
  inPool: boolean;
}

const signaturePrefix = "signatures/";
const fleetingKinds: ReadonlySet<ResourceKind> = new Set<ResourceKind>(["interaction", "continuation", "live-handle"]);
const fleetingNames = /^(?:interactions|continuations|liveHandles)\//;
/** Entries that one sweep looks at in each part. */
const sweepLimit = 1_000;

function isVisible(binding: ResourceBinding, client: ResourceClient): boolean {
  return binding.clientId === null || binding.clientId === client.id;
}

function toOwner(owner: ResourceOwner | null): ResourceOwner | null {
  return owner === null ? null : { credentialId: owner.credentialId, projectId: owner.projectId };
}

/** A copy: a piece cut out of a larger string keeps the whole of it in memory (V8), here a request or an answer. */
function detached(text: string): string {
  return JSON.parse(JSON.stringify(text)) as string;
}

function detachedOrNull(text: string | null): string | null {
  return text === null ? null : detached(text);
}
