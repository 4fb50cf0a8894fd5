/** @module An interaction as it is kept: 55 days for who pays, a day for who does not (fact sheet upstream 1.8). */

import type { Content, GenerateRequest } from "../answer/gemini-types.ts";
import type { Resource, ResourceKind, Resources, ResourceStore } from "../resources/registry.ts";
import { defineKind } from "../resources/registry.ts";
import type { World } from "../state/world.ts";
import type { ProjectConfig } from "../types.ts";

/** What is known of an interaction. */
export interface InteractionValue {
  /** As it reads once it is done. */
  resource: Readonly<Record<string, unknown>>;
  /** Its stream, to be told again. */
  events: readonly InteractionEvent[];
  /** All that was said so far, the model's answer too: what the next interaction goes on from. */
  contents: readonly Content[];
  /** As the client gave it. */
  input: unknown;
  /** What was asked, for an answer that can go on; null for one that cannot. */
  request: GenerateRequest | null;
  /** Milliseconds since the epoch from which on it is done. */
  readyTime: number;
  /** It was cancelled before that. */
  cancelled: boolean;
  /** Gives back the room it takes. */
  release: () => void;
}

/** One event of a stream. */
export type InteractionEvent = Readonly<Record<string, unknown>>;

/** The interactions of all projects. */
export const INTERACTIONS: ResourceKind<InteractionValue> = defineKind<InteractionValue>("interactions", {
  onGone: ({ value }) => value.release(),
});

/** Keeps an interaction; the oldest ones give way when there is no room. */
export function keepInteraction(
  world: World,
  options: { id: string; project: ProjectConfig; value: Omit<InteractionValue, "release"> },
): void {
  const { id, project, value } = options;
  const store = world.resources.of(INTERACTIONS);
  const room = roomOf(world.resources);
  const size = JSON.stringify([value.resource, value.events, value.contents, value.input, value.request]).length;
  if (size > MAX_CHARACTERS) return;
  while (room.used + size > MAX_CHARACTERS || store.size() >= INTERACTIONS.limit) {
    if (!dropOldest(store)) return;
  }
  room.used += size;
  const release = (): void => {
    room.used -= size;
  };
  const days = project.tier === "free" ? 1 : 55;
  const expireTime = world.now() + days * 86_400_000;
  store.create({ name: id, projectId: project.id, value: { ...value, release }, expireTime });
}

/** The interaction of a project, or nothing. */
export function ownInteraction(world: World, id: string, projectId: string): Resource<InteractionValue> | undefined {
  return world.resources.of(INTERACTIONS).own(id, projectId);
}

/** The interaction as it reads now. */
export function toInteractionResource(world: World, { value }: Resource<InteractionValue>): Record<string, unknown> {
  const { id, status: _, usage: __, steps: ___, updated: ____, created, ...rest } = value.resource;
  if (value.cancelled) return { id, status: "cancelled", created, updated: created, ...rest };
  if (world.now() < value.readyTime) return { id, status: "in_progress", created, updated: created, ...rest };
  return { ...value.resource };
}

/** Media are not kept: what they cost is counted when they come. */
export function withoutMedia(contents: readonly Content[]): Content[] {
  return contents.map((content) => ({
    ...content,
    parts: (content.parts ?? []).map((part) =>
      part.inlineData ? { ...part, inlineData: { ...part.inlineData, data: "" } } : part,
    ),
  }));
}

// --- helpers ---

/** Of everything kept in one world. */
const MAX_CHARACTERS = 67_108_864;

// A store cannot say how large its values are: the sum lives beside it.
const rooms = new WeakMap<Resources, { used: number }>();

function roomOf(resources: Resources): { used: number } {
  let room = rooms.get(resources);
  if (!room) rooms.set(resources, (room = { used: 0 }));
  return room;
}

function dropOldest(store: ResourceStore<InteractionValue>): boolean {
  const [oldest] = store.all();
  return oldest !== undefined && store.remove(oldest.name);
}
