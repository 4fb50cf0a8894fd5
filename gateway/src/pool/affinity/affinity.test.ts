import { describe, expect, it } from "vitest";
import type { ResourceBinding, ResourceClient, ResourceOwner } from "../../core/resources.ts";
import { createAffinity } from "./affinity.ts";

const now = Date.UTC(2026, 10, 21, 12);
const hour = 3_600_000;
const ann: ResourceClient = { id: "ann", shared: false };
const bob: ResourceClient = { id: "bob", shared: false };
const everyone: ResourceClient = { id: "team", shared: true };
const projectOf = (owner: ResourceOwner): string | null => (owner.projectId === "gone" ? null : owner.projectId);
const parts = { now, projectOf };

function binding(name: string, changes: Partial<ResourceBinding> = {}): ResourceBinding {
  return {
    name,
    kind: "file",
    credentialId: "cred_a",
    projectId: "p1",
    clientId: "ann",
    createdAt: now,
    expiresAt: now + 48 * hour,
    detail: null,
    ...changes,
  };
}

describe("resolve", () => {
  it("tells the owner of what a client made, and names what it never saw", () => {
    const affinity = createAffinity();
    affinity.bind([binding("files/a")], now);
    expect(affinity.resolve(["files/x", "files/a"], ann, parts)).toEqual({
      ok: true,
      owner: { credentialId: "cred_a", projectId: "p1" },
      unknown: ["files/x"],
    });
    expect(affinity.resolve([], ann, parts)).toEqual({ ok: true, owner: null, unknown: [] });
  });

  it("forbids a file of another client", () => {
    const affinity = createAffinity();
    affinity.bind([binding("files/a")], now);
    expect(affinity.resolve(["files/a"], bob, parts)).toEqual({ ok: false, reason: "forbidden", name: "files/a" });
    expect(affinity.resolve(["files/a"], everyone, parts)).toMatchObject({ ok: false, reason: "forbidden" });
  });

  it("lets every client use what belongs to none", () => {
    const affinity = createAffinity();
    affinity.bind([binding("files/a", { clientId: null })], now);
    for (const client of [ann, bob, everyone])
      expect(affinity.resolve(["files/a"], client, parts)).toMatchObject({ ok: true, unknown: [] });
  });

  it("tells when two projects are named together", () => {
    const affinity = createAffinity();
    affinity.bind([binding("files/a"), binding("cachedContents/c", { kind: "cache", projectId: "p2" })], now);
    expect(affinity.resolve(["files/a", "cachedContents/c"], ann, parts)).toMatchObject({
      ok: false,
      reason: "apart",
      one: { name: "files/a" },
      other: { name: "cachedContents/c" },
    });
  });

  it("takes keys of one project of today for one owner, whatever project they had when they were bound", () => {
    const affinity = createAffinity();
    affinity.bind([binding("files/a", { projectId: "cred_a" }), binding("files/b", { credentialId: "cred_b" })], now);
    const joined = { now, projectOf: (): string => "p1" };
    expect(affinity.resolve(["files/a", "files/b"], ann, joined)).toMatchObject({ ok: true });
  });

  it("prefers an owner that is still in the pool", () => {
    const affinity = createAffinity();
    affinity.bind([binding("files/a", { credentialId: "left" }), binding("files/b", { credentialId: "cred_b" })], now);
    const half = {
      now,
      projectOf: (owner: ResourceOwner): string | null => (owner.credentialId === "left" ? null : "p1"),
    };
    expect(affinity.resolve(["files/a", "files/b"], ann, half)).toMatchObject({
      ok: true,
      owner: { credentialId: "cred_b" },
    });
  });

  it("forgets what has expired, at that very millisecond", () => {
    const affinity = createAffinity();
    affinity.bind([binding("files/a", { expiresAt: now + 1000 })], now);
    expect(affinity.get("files/a", now + 999)).not.toBeNull();
    expect(affinity.get("files/a", now + 1000)).toBeNull();
    expect(affinity.resolve(["files/a"], bob, { now: now + 1000, projectOf })).toMatchObject({ unknown: ["files/a"] });
  });
});

describe("signatures", () => {
  const signature = (name: string, changes: Partial<ResourceBinding> = {}): ResourceBinding =>
    binding(name, { kind: "signature", expiresAt: null, ...changes });

  it("give an owner only where nothing else does, and never refuse a call", () => {
    const affinity = createAffinity();
    affinity.bind([binding("files/a"), signature("signatures/s", { projectId: "p2" })], now);
    expect(affinity.resolve(["signatures/s"], ann, parts)).toMatchObject({ ok: true, owner: { projectId: "p2" } });
    expect(affinity.resolve(["signatures/s", "files/a"], ann, parts)).toMatchObject({ owner: { projectId: "p1" } });
    expect(affinity.resolve(["signatures/s", "signatures/t"], bob, parts)).toEqual({
      ok: true,
      owner: null,
      unknown: [],
    });
  });

  it("are remembered for a day, are not saved, and never push a file out", () => {
    const affinity = createAffinity({ maxBindings: 10, maxSignatures: 100 });
    affinity.bind([binding("files/a")], now);
    for (let index = 0; index < 1_000; index += 1) affinity.bind([signature(`signatures/${index}`)], now);
    expect(affinity.get("files/a", now)).not.toBeNull();
    expect(affinity.get("signatures/999", now)).not.toBeNull();
    expect(affinity.get("signatures/950", now + 24 * hour - 1)).not.toBeNull();
    expect(affinity.get("signatures/999", now + 24 * hour)).toBeNull();
    expect(affinity.size()).toBeLessThanOrEqual(101);
    expect(affinity.takeChanges().bind.map(({ name }) => name)).toEqual(["files/a"]);
    affinity.sweep(now + 25 * hour);
    expect(affinity.size()).toBe(1);
  });
});

describe("bind", () => {
  it("does not take over what another client has", () => {
    const affinity = createAffinity();
    affinity.bind([binding("files/a")], now);
    affinity.bind([binding("files/a", { clientId: "bob", projectId: "p2" })], now);
    affinity.bind([binding("files/a", { clientId: null, projectId: "p2" })], now);
    expect(affinity.get("files/a", now)).toMatchObject({ clientId: "ann", projectId: "p1" });
  });

  it("renews what is everyone's without giving it to one", () => {
    const affinity = createAffinity();
    affinity.bind([binding("files/a", { clientId: null })], now);
    affinity.bind([binding("files/a", { expiresAt: now + 60 * hour })], now);
    expect(affinity.get("files/a", now)).toMatchObject({ clientId: null, expiresAt: now + 60 * hour });
  });

  it("gives an expired name to whoever makes it next", () => {
    const affinity = createAffinity();
    affinity.bind([binding("files/a", { expiresAt: now })], now - 1);
    affinity.bind([binding("files/a", { clientId: "bob" })], now);
    expect(affinity.get("files/a", now)).toMatchObject({ clientId: "bob" });
  });
});

describe("bounds", () => {
  it("a client that makes very many pushes out its own, what expires first at first", () => {
    const affinity = createAffinity({ maxBindings: 100 });
    for (let index = 0; index < 10; index += 1) affinity.bind([binding(`files/ann${index}`)], now);
    for (let index = 0; index < 500; index += 1)
      affinity.bind([binding(`files/bob${index}`, { clientId: "bob", expiresAt: now + (index + 2) * hour })], now);
    for (let index = 0; index < 10; index += 1) expect(affinity.get(`files/ann${index}`, now)).not.toBeNull();
    expect(affinity.get("files/bob499", now)).not.toBeNull();
    expect(affinity.get("files/bob0", now)).toBeNull();
    expect(affinity.size()).toBe(100);
  });

  it("what came last stays, even if it expires first", () => {
    const affinity = createAffinity({ maxBindings: 3 });
    for (let index = 0; index < 5; index += 1) affinity.bind([binding(`files/${index}`, { expiresAt: null })], now);
    affinity.bind([binding("cachedContents/c", { kind: "cache", expiresAt: now + 1 })], now);
    expect(affinity.get("cachedContents/c", now)).not.toBeNull();
  });

  it("details count by their length", () => {
    const affinity = createAffinity({ maxBytes: 10_000 });
    for (let index = 0; index < 100; index += 1)
      affinity.bind([binding(`uploads/${index}`, { kind: "upload", detail: "x".repeat(1_000) })], now);
    expect(affinity.size()).toBe(7);
  });

  it("interactions never push a file out", () => {
    const affinity = createAffinity({ maxBindings: 5, maxFleeting: 5 });
    affinity.bind([binding("files/a")], now);
    for (let index = 0; index < 100; index += 1)
      affinity.bind([binding(`interactions/v1_${index}`, { kind: "interaction", expiresAt: now + 999 * hour })], now);
    expect(affinity.get("files/a", now)).not.toBeNull();
    expect(affinity.size()).toBe(6);
  });

  it("a sweep looks at a bounded number, and many sweeps end everything that expired", () => {
    const affinity = createAffinity();
    for (let index = 0; index < 5_000; index += 1)
      affinity.bind([binding(`files/${index}`, { clientId: `c${index % 50}`, expiresAt: now + 1 })], now);
    affinity.bind([binding("files/kept")], now);
    affinity.sweep(now + 1);
    expect(affinity.size()).toBeGreaterThan(3_900);
    for (let round = 0; round < 10; round += 1) affinity.sweep(now + 1);
    expect(affinity.size()).toBe(1);
  });
});

describe("homes and owners", () => {
  it("home is where the client's newest file, cache or store is", () => {
    const affinity = createAffinity();
    affinity.bind(
      [
        binding("files/a", { createdAt: now - 2, projectId: "p1" }),
        binding("cachedContents/c", { kind: "cache", createdAt: now, projectId: "p2", expiresAt: now + 1000 }),
        binding("batches/b", { kind: "batch", createdAt: now + 1, projectId: "p3" }),
        binding("files/b", { clientId: "bob", createdAt: now + 1, projectId: "p4" }),
      ],
      now,
    );
    expect(affinity.home(ann, now)).toMatchObject({ projectId: "p2" });
    expect(affinity.home(ann, now + 1000)).toMatchObject({ projectId: "p1" });
    affinity.forget("files/a");
    expect(affinity.home(ann, now + 1000)).toBeNull();
    expect(affinity.home(everyone, now)).toBeNull();
  });

  it("home of those who share is where the newest that is everyone's is", () => {
    const affinity = createAffinity();
    affinity.bind([binding("files/a", { clientId: null, projectId: "p7" })], now);
    expect(affinity.home(everyone, now)).toMatchObject({ projectId: "p7" });
    expect(affinity.home(ann, now)).toBeNull();
  });

  it("owners of a kind: one a project of today, sorted, of the client's own and of everyone's", () => {
    const affinity = createAffinity();
    affinity.bind(
      [
        binding("files/a", { projectId: "p2" }),
        binding("files/b", { projectId: "p2", credentialId: "cred_b" }),
        binding("files/c", { projectId: "p1", clientId: null }),
        binding("files/d", { projectId: "p3", clientId: "bob" }),
        binding("files/e", { projectId: "gone" }),
        binding("files/f", { projectId: "p5", expiresAt: now }),
        binding("cachedContents/c", { kind: "cache", projectId: "p4" }),
      ],
      now - 1,
    );
    expect(affinity.owners("file", ann, parts).map(({ projectId }) => projectId)).toEqual(["p1", "p2"]);
    expect(affinity.owners("cache", ann, parts)).toEqual([
      { projectId: "p4", owner: { credentialId: "cred_a", projectId: "p4" } },
    ]);
    expect(affinity.owners("batch", ann, parts)).toEqual([]);
  });

  it("a list shows what is the client's, hides others', and says what it does not know", () => {
    const affinity = createAffinity();
    affinity.bind([binding("files/a"), binding("files/n", { clientId: null })], now);
    expect(affinity.standing("files/a", ann, now)).toBe("visible");
    expect(affinity.standing("files/a", bob, now)).toBe("hidden");
    expect(affinity.standing("files/n", bob, now)).toBe("visible");
    expect(affinity.standing("files/x", bob, now)).toBe("unknown");
  });
});

describe("the store", () => {
  it("is told the last word on each name", () => {
    const affinity = createAffinity();
    affinity.bind([binding("files/a"), binding("files/b")], now);
    affinity.bind([binding("files/a", { expiresAt: now + 1 })], now);
    affinity.forget("files/b");
    affinity.forget("files/c");
    const changes = affinity.takeChanges();
    expect(changes.bind).toEqual([binding("files/a", { expiresAt: now + 1 })]);
    expect([...changes.forget].sort()).toEqual(["files/b", "files/c"]);
    expect(affinity.takeChanges()).toEqual({ bind: [], forget: [] });
  });

  it("gets again what could not be written, unless there is newer word", () => {
    const affinity = createAffinity();
    affinity.bind([binding("files/a"), binding("files/b")], now);
    affinity.forget("files/c");
    const lost = affinity.takeChanges();
    affinity.forget("files/a");
    affinity.bind([binding("files/c")], now);
    affinity.putBack(lost);
    const changes = affinity.takeChanges();
    expect(changes.bind.map(({ name }) => name).sort()).toEqual(["files/b", "files/c"]);
    expect(changes.forget).toEqual(["files/a"]);
  });

  it("gives back what it kept, without being told of it again", () => {
    const affinity = createAffinity({ maxBindings: 2 });
    affinity.restore(
      [binding("files/new"), binding("files/old", { expiresAt: now }), binding("files/b"), binding("files/c")],
      now,
    );
    expect(affinity.get("files/new", now)).not.toBeNull();
    expect(affinity.get("files/b", now)).not.toBeNull();
    expect(affinity.get("files/c", now)).toBeNull();
    expect(affinity.takeChanges()).toEqual({ bind: [], forget: [] });
  });

  it("does not outgrow its bound while nothing can be written", () => {
    const affinity = createAffinity({ maxBindings: 10, maxFleeting: 10 });
    for (let index = 0; index < 1_000; index += 1) affinity.forget(`files/${index}`);
    expect(affinity.takeChanges().forget).toHaveLength(20);
  });
});
