/**
 * Puts back health that was kept before a restart.
 * @module
 */
import type { HealthBook } from "./health-book.ts";
import type { Health } from "./health.ts";
import { ownProjectId } from "./member.ts";
import type { Roster } from "./roster.ts";
import type { Cooldown, Disabled } from "./types.ts";

/**
 * Restores what still holds; rows that have run out or whose credential is gone are announced as removed.
 * Cooldowns of a project that no credential belongs to are kept until they run out: a credential from the environment
 * may turn out to be of that project again. What was kept for a credential as its own project follows it to the project
 * that it is in now.
 */
export function restoreHealth(
  kept: { cooldowns: readonly Cooldown[]; disabled: readonly Disabled[] },
  tools: { roster: Roster; book: HealthBook; now: number },
): void {
  const { roster, book, now } = tools;
  const owners = new Map([...roster.byId.values()].map((member) => [ownProjectId(member.credential.id), member]));

  function healthOf(row: Cooldown | Disabled): Health | null {
    if (row.scope.startsWith("credential")) return roster.byId.get(row.subject)?.health ?? null;
    const owner = owners.get(row.subject);
    if (owner !== undefined) return owner.project.health;
    const known = roster.projects.get(row.subject);
    if (known !== undefined) return known.health;
    return "untilMs" in row && !row.subject.startsWith(ownProjectId("")) ? roster.project(row.subject).health : null;
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
