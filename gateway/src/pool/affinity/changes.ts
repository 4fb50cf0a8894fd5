/**
 * What the store does not know yet, one entry a name: the last word counts.
 * @module
 */
import type { ResourceBinding, ResourceName } from "../../core/resources.ts";
import type { AffinityChanges } from "./types.ts";

/** Changes since the last save. */
export interface ChangeBook {
  bind(binding: ResourceBinding): void;
  forget(name: ResourceName): void;
  take(): AffinityChanges;
  /** What could not be written comes again, unless there is newer word. */
  putBack(changes: AffinityChanges): void;
}

/**
 * An empty book.
 * @param options.maxEntries while the store cannot be written; beyond it the oldest are lost: what they bound is unknown after
 * a restart
 */
export function createChangeBook(options: { maxEntries: number }): ChangeBook {
  /** Null: forgotten. */
  let changes = new Map<ResourceName, ResourceBinding | null>();

  return {
    bind: (binding) => note(binding.name, binding),
    forget: (name) => note(name, null),
    take() {
      const bind: ResourceBinding[] = [];
      const forget: ResourceName[] = [];
      for (const [name, binding] of changes) {
        if (binding === null) forget.push(name);
        else bind.push(binding);
      }
      changes = new Map();
      return { bind, forget };
    },
    putBack({ bind, forget }) {
      const newer = changes;
      changes = new Map();
      for (const name of forget) note(name, null);
      for (const binding of bind) note(binding.name, binding);
      for (const [name, binding] of newer) note(name, binding);
    },
  };

  function note(name: ResourceName, binding: ResourceBinding | null): void {
    // The last to change is the last to be lost.
    changes.delete(name);
    changes.set(name, binding);
    if (changes.size <= options.maxEntries) return;
    for (const oldest of changes.keys()) {
      changes.delete(oldest);
      return;
    }
  }
}
