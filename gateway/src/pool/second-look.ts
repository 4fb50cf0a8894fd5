/**
 * Doubts about projects that were inferred. Where quotas are respected, a wrong conclusion would never show: the joined
 * keys share one count, and nobody asks Google for more than that. So when a call would be refused because such a
 * project's day is used up, one of its keys is asked all the same, a few times a day at most. The call loses nothing; if
 * it is served twice, the keys have more than one quota.
 * @module
 */
import { pacificDay } from "../core/pacific-day.ts";
import { heldUntil } from "./health.ts";
import type { Member, Project } from "./member.ts";
import { isExcluded, roomAt } from "./select.ts";
import type { Choice } from "./select.ts";

/** Looks again at what was joined. */
export interface SecondLooks {
  /** The project was joined. */
  watch(projectId: string): void;
  /** Whom to ask although its project has no quota left; null: nobody. Called when nobody else can serve. */
  find(choice: Choice): Member | null;
  /** Nobody looks at anything. */
  isIdle(): boolean;
  /** @returns whether the project turned out to be several */
  served(member: Member, model: string, at: number): boolean;
  refused(member: Member, model: string, at: number): void;
}

/** Joined projects watched; beyond it the oldest are trusted. */
const mostWatched = 1_000;
/** Projects and models of which a look is remembered. */
const mostBooks = 10_000;
/** Looks at anything are this far apart: refusals may come by the thousand. */
const spacingMs = 60_000;
/** A rest that ends sooner is a minute's. */
const shortestDayMs = 120_000;
const enoughServed = 2;

interface Book {
  dayEnd: number;
  served: number;
  refused: number;
  /** The call that looks. */
  credentialId: string;
  at: number;
}

/** Makes it. */
export function createSecondLooks(projects: ReadonlyMap<string, Project>): SecondLooks {
  const watched = new Set<string>();
  const books = new Map<string, Book>();
  let nextMs = 0;

  function take(member: Member, model: string, at: number): Book | null {
    if (books.size === 0) return null;
    const book = books.get(`${member.project.id}\n${model}`);
    return book?.at === at && book.credentialId === member.credential.id ? book : null;
  }

  function isSpent(project: Project, choice: Choice): boolean {
    const { health } = project;
    if (health.disabled !== null || (health.rest !== null && health.rest.untilMs > choice.now)) return false;
    const rest = health.modelRests?.get(choice.lane.model);
    if (rest !== undefined && rest.untilMs > choice.now) return rest.cause === "day-quota";
    const room = roomAt(project, choice.cost, choice);
    return room !== Infinity && room > choice.now + shortestDayMs;
  }

  function look(project: Project, choice: Choice): Member | null {
    const { lane, now } = choice;
    const key = `${project.id}\n${lane.model}`;
    const known = books.get(key);
    const { end } = pacificDay(now);
    const book = known !== undefined && known.dayEnd === end ? known : { dayEnd: end, served: 0, refused: 0 };
    if (book.refused > book.served || !isSpent(project, choice)) return null;
    let found: Member | null = null;
    for (const member of project.members) {
      if (!member.credential.enabled || heldUntil(member.health, lane.model, now) > 0) continue;
      if (isExcluded(member, choice)) continue;
      if (found === null || member.lastUse < found.lastUse) found = member;
    }
    if (found === null) return null;
    books.delete(key);
    books.set(key, { ...book, credentialId: found.credential.id, at: now });
    if (books.size > mostBooks) books.delete(books.keys().next().value as string);
    return found;
  }

  return {
    watch(projectId) {
      watched.delete(projectId);
      watched.add(projectId);
      if (watched.size > mostWatched) watched.delete(watched.values().next().value as string);
    },
    find(choice) {
      if (watched.size === 0 || choice.cost === null || choice.now < nextMs) return null;
      nextMs = choice.now + spacingMs;
      for (const id of watched) {
        const project = projects.get(id);
        const found = project === undefined ? null : look(project, choice);
        if (found !== null) return found;
      }
      return null;
    },
    isIdle: () => books.size === 0,
    served(member, model, at) {
      const book = take(member, model, at);
      return book !== null && ++book.served >= enoughServed && watched.delete(member.project.id);
    },
    refused(member, model, at) {
      const book = take(member, model, at);
      if (book !== null) book.refused++;
    },
  };
}
