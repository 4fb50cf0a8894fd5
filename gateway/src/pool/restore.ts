/**
 * Puts back health that was kept before a restart.
 * @module
 */
import type { HealthBook } from "./health-book.ts";
import type { Health } from "./health.ts";
import { isUnnamed, ownProjectId } from "./member.ts";
import type { Project } from "./member.ts";
import type { Roster } from "./roster.ts";
import type { Cooldown, Disabled } from "./types.ts";

/**
 * Finds the project that a kept row means. What was kept for a credential as its own project follows it to the project
 * that it is in now.
 * @param options `makes`: a project that no credential belongs to is made, since one from the environment may turn out to
 *   be of it again
 */
export function projectForRow(options: { roster: Roster; makes: boolean }): (id: string) => Project | null {
  const { roster, makes } = options;
  const owners = new Map([...roster.byId.values()].map((member) => [ownProjectId(member.credential.id), member]));
  return (id) => {
    const known = roster.projects.get(id) ?? owners.get(id)?.project;
    if (known !== undefined) return known;
    // A conclusion that was not kept, since its credentials come from the environment: it goes to the first of them.
    if (isUnnamed(id)) return owners.get(ownProjectId(id.slice(id.indexOf(":") + 1)))?.project ?? null;
    return makes ? roster.project(id) : null;
  };
}

/**
 * Restores what still holds; rows that have run out or whose credential is gone are announced as removed.
 * Cooldowns of a project that no credential belongs to are kept until they run out.
 */
export function restoreHealth(
  kept: { cooldowns: readonly Cooldown[]; disabled: readonly Disabled[] },
  tools: { roster: Roster; book: HealthBook; now: number },
): void {
  const { roster, book, now } = tools;
  const waiting = projectForRow({ roster, makes: true });
  const present = projectForRow({ roster, makes: false });

  function healthOf(row: Cooldown | Disabled): Health | null {
    if (row.scope.startsWith("credential")) return roster.byId.get(row.subject)?.health ?? null;
    // A disable is lifted through a credential only.
    return ("untilMs" in row ? waiting : present)(row.subject)?.health ?? null;
  }

  for (const value of kept.cooldowns) {
    const health = value.untilMs <= now || value.scope === "model" ? null : healthOf(value);
    if (health === null) {
      if (value.scope === "model" && value.untilMs > now) book.loadModel(value, now);
      else book.discard({ kind: "cooldown", value });
    } else if (health.subject === value.subject) book.load(health, value, now);
    else {
      book.discard({ kind: "cooldown", value });
      book.rest(health, value.scope === "project" ? null : value.model, value, now);
    }
  }
  for (const value of kept.disabled) {
    const health = healthOf(value);
    if (health?.subject === value.subject) book.loadDisabled(health, value);
    else {
      book.discard({ kind: "disabled", value });
      if (health !== null) book.disable(health, value, now);
    }
  }
}
