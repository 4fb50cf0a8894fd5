import fc from "fast-check";
import { expect, it } from "vitest";
import type { ResourceBinding, ResourceClient, ResourceKind, ResourceOwner } from "../../core/resources.ts";
import { createAffinity } from "./affinity.ts";
import type { Affinity } from "./types.ts";

const clients: readonly ResourceClient[] = [
  { id: "ann", shared: false },
  { id: "bob", shared: false },
  { id: "all", shared: true },
];
const names = [
  ...["a", "b", "c", "d"].map((id) => `files/${id}`),
  "cachedContents/a",
  "cachedContents/b",
  "fileSearchStores/s",
  "interactions/v1_a",
  "interactions/v1_b",
];
const kindOf = (name: string): ResourceKind =>
  name.startsWith("files")
    ? "file"
    : name.startsWith("cached")
      ? "cache"
      : name.startsWith("file")
        ? "store"
        : "interaction";
/** Keys d1 and d2 have left; c2 has joined the project of c1. */
const projectOf = (owner: ResourceOwner): string | null =>
  owner.credentialId.startsWith("d") ? null : owner.credentialId === "c2" ? "c1" : owner.credentialId;

type Step =
  | { do: "bind"; name: string; credential: string; client: number; life: number | null }
  | { do: "forget"; name: string }
  | { do: "wait"; ms: number }
  | { do: "sweep" };

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constant("bind" as const),
      name: fc.constantFrom(...names),
      credential: fc.constantFrom("a1", "b1", "c1", "c2", "d1", "d2"),
      client: fc.nat(2),
      life: fc.option(fc.integer({ min: 1, max: 50 })),
    }),
  },
  fc.record({ do: fc.constant("forget" as const), name: fc.constantFrom(...names) }),
  fc.record({ do: fc.constant("wait" as const), ms: fc.nat(30) }),
  fc.record({ do: fc.constant("sweep" as const) }),
);

/** The plainest thing that does the same. */
function createNaive(): {
  bind(binding: ResourceBinding, now: number): void;
  forget(name: string): void;
  live(now: number): ResourceBinding[];
} {
  let all: ResourceBinding[] = [];
  const live = (now: number): ResourceBinding[] => all.filter(({ expiresAt }) => expiresAt === null || expiresAt > now);
  return {
    bind(binding, now) {
      const known = live(now).find(({ name }) => name === binding.name);
      if (known !== undefined && known.clientId !== null && known.clientId !== binding.clientId) return;
      all = all.filter(({ name }) => name !== binding.name);
      all.push(known?.clientId === null ? { ...binding, clientId: null } : binding);
    },
    forget(name) {
      all = all.filter((binding) => binding.name !== name);
    },
    live,
  };
}

function expectSame(affinity: Affinity, live: readonly ResourceBinding[], now: number, swept: boolean): void {
  for (const name of names)
    expect(affinity.get(name, now)).toEqual(live.find((binding) => binding.name === name) ?? null);
  for (const client of clients) {
    const seen = live.filter(({ clientId }) => clientId === null || clientId === client.id);
    for (const name of names)
      expect(affinity.standing(name, client, now)).toBe(
        seen.some((binding) => binding.name === name)
          ? "visible"
          : live.some((binding) => binding.name === name)
            ? "hidden"
            : "unknown",
      );
    for (const kind of ["file", "cache", "store", "interaction"] as const) {
      const projects = [
        ...new Set(seen.filter((binding) => binding.kind === kind).flatMap((binding) => projectOf(binding) ?? [])),
      ].sort();
      const told = affinity.owners(kind, client, { now, projectOf }).map(({ projectId }) => projectId);
      // Before a sweep it may name a project too many, never one too few.
      if (swept) expect(told).toEqual(projects);
      else expect(told).toEqual(expect.arrayContaining(projects));
    }
    const own = live.filter(
      ({ clientId, kind }) => clientId === (client.shared ? null : client.id) && kind !== "interaction",
    );
    const newest = Math.max(...own.map(({ createdAt }) => createdAt));
    const home = own.findLast(({ createdAt }) => createdAt === newest);
    expect(affinity.home(client, now)).toEqual(
      home === undefined ? null : { credentialId: home.credentialId, projectId: home.projectId },
    );
  }
}

it("behaves like a plain list, whatever is bound, forgotten and waited for", () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const affinity = createAffinity();
      const naive = createNaive();
      const kept = new Map<string, ResourceBinding | null>();
      let now = 1_000_000;
      let swept = false;
      for (const [index, one] of steps.entries()) {
        if (one.do === "wait") now += one.ms;
        else if (one.do === "sweep") affinity.sweep(now);
        else if (one.do === "forget") {
          affinity.forget(one.name);
          naive.forget(one.name);
        } else {
          const client = clients[one.client] as ResourceClient;
          const binding: ResourceBinding = {
            name: one.name,
            kind: kindOf(one.name),
            credentialId: one.credential,
            projectId: one.credential,
            clientId: client.shared ? null : client.id,
            createdAt: now,
            expiresAt: one.life === null ? null : now + one.life,
            detail: index % 3 === 0 ? `detail ${index}` : null,
          };
          affinity.bind([binding], now);
          naive.bind(binding, now);
        }
        swept = one.do === "sweep";
        expectSame(affinity, naive.live(now), now, swept);
        if (index % 7 === 6) {
          const changes = affinity.takeChanges();
          if (index % 2 === 0) affinity.putBack(changes);
          else {
            for (const name of changes.forget) kept.set(name, null);
            for (const binding of changes.bind) kept.set(binding.name, binding);
          }
        }
      }
      // What was written by and by is what is there: a restart loses nothing.
      const rest = affinity.takeChanges();
      for (const name of rest.forget) kept.set(name, null);
      for (const binding of rest.bind) kept.set(binding.name, binding);
      const again = createAffinity();
      again.restore(
        [...kept.values()].filter((binding) => binding !== null),
        now,
      );
      for (const name of names) expect(again.get(name, now)).toEqual(affinity.get(name, now));
    }),
    { numRuns: 150 },
  );
});

it("never outgrows its bounds, and keeps what each small client has", () => {
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.nat(3), fc.nat(400), fc.integer({ min: 1, max: 1_000 })), { maxLength: 300 }),
      (made) => {
        const affinity = createAffinity({ maxBindings: 40 });
        const latest = new Map<string, string>();
        for (const [client, id, life] of made) {
          const name = `files/c${client}-${id}`;
          affinity.bind(
            [
              {
                name,
                kind: "file",
                credentialId: "a",
                projectId: "a",
                clientId: `c${client}`,
                createdAt: 0,
                expiresAt: life + 1_000,
                detail: null,
              },
            ],
            0,
          );
          latest.set(`c${client}`, name);
          expect(affinity.size()).toBeLessThanOrEqual(40);
          expect(affinity.get(name, 0)).not.toBeNull();
        }
        for (const client of ["c0", "c1", "c2", "c3"]) {
          const ids = new Set(made.filter(([one]) => `c${one}` === client).map(([, id]) => id));
          // Nobody with less than an even share loses anything.
          if (ids.size <= 10) for (const id of ids) expect(affinity.get(`files/${client}-${id}`, 0)).not.toBeNull();
        }
      },
    ),
    { numRuns: 60 },
  );
});
