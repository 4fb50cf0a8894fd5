import { describe, expect, it } from "vitest";

import { createDeferred } from "./deferred.ts";
import { createByteStore } from "./byte-store.ts";
import { createResources, defineKind } from "./registry.ts";

const setup = (limit = 10_000): ReturnType<typeof build> => build(limit);

function build(limit: number) {
  const gone: string[] = [];
  const clock = { now: 1_000 };
  const kind = defineKind<number>("things", { limit, onGone: ({ name }) => gone.push(name) });
  const resources = createResources(() => clock.now);
  return { gone, clock, kind, resources, store: resources.of(kind) };
}

const add = (store: ReturnType<typeof build>["store"], name: string, projectId = "projects/1"): void => {
  expect(store.create({ name, projectId, value: 1 })).not.toBeNull();
};

describe("a store of resources", () => {
  it("gives a resource to its own project only", () => {
    const { store } = setup();
    add(store, "things/a");
    expect(store.own("things/a", "projects/1")?.value).toBe(1);
    expect(store.own("things/a", "projects/2")).toBeUndefined();
    expect(store.get("things/a")?.projectId).toBe("projects/1");
  });

  it("forgets a resource when its time is over, and says so once", () => {
    const { store, clock, gone } = setup();
    store.create({ name: "things/a", projectId: "projects/1", value: 1, expireTime: 2_000 });
    clock.now = 1_999;
    expect(store.get("things/a")).toBeDefined();
    clock.now = 2_000;
    expect(store.get("things/a")).toBeUndefined();
    expect(store.remove("things/a")).toBe(false);
    expect(gone).toEqual(["things/a"]);
  });

  it("refuses a name that is taken, whoever has it", () => {
    const { store } = setup();
    add(store, "things/a");
    expect(store.create({ name: "things/a", projectId: "projects/2", value: 2 })).toBeNull();
  });

  it("refuses more than its limit, until some have expired", () => {
    const { store, clock } = setup(2);
    add(store, "things/a");
    store.create({ name: "things/b", projectId: "projects/1", value: 1, expireTime: 2_000 });
    expect(store.create({ name: "things/c", projectId: "projects/1", value: 1 })).toBeNull();
    clock.now = 2_000;
    add(store, "things/c");
    expect(store.size()).toBe(2);
  });

  it("lists newest first in pages that neither repeat nor skip, also when some go in between", () => {
    const { store } = setup();
    for (const id of ["a", "b", "c", "d", "e"]) add(store, `things/${id}`);
    add(store, "things/x", "projects/2");
    const first = store.list({ projectId: "projects/1", pageSize: 2, pageToken: "" });
    expect(first?.items.map(({ name }) => name)).toEqual(["things/e", "things/d"]);
    store.remove("things/d");
    store.remove("things/c");
    const second = store.list({ projectId: "projects/1", pageSize: 2, pageToken: first?.nextPageToken ?? "" });
    expect(second?.items.map(({ name }) => name)).toEqual(["things/b", "things/a"]);
    expect(second?.nextPageToken).toBeUndefined();
  });

  it("takes no page token of another project, another kind or nobody", () => {
    const { store, resources } = setup();
    for (const id of ["a", "b"]) add(store, `things/${id}`);
    const token = store.list({ projectId: "projects/1", pageSize: 1, pageToken: "" })?.nextPageToken ?? "";
    const other = resources.of(defineKind<number>("others"));
    expect(store.list({ projectId: "projects/1", pageSize: 1, pageToken: token })?.items).toHaveLength(1);
    expect(store.list({ projectId: "projects/2", pageSize: 1, pageToken: token })).toBeNull();
    expect(other.list({ projectId: "projects/1", pageSize: 1, pageToken: token })).toBeNull();
    expect(store.list({ projectId: "projects/1", pageSize: 1, pageToken: "5" })).toBeNull();
  });

  it("is empty after a reset, and everything in it was given back", () => {
    const { store, resources, gone } = setup();
    add(store, "things/a");
    expect(resources.summary()).toMatchObject({ things: [{ name: "things/a", projectId: "projects/1" }] });
    resources.clear();
    expect(store.all()).toEqual([]);
    expect(gone).toEqual(["things/a"]);
  });
});

describe("deferred work", () => {
  it("runs in order of time when the clock gets there, once, and may defer more", () => {
    const deferred = createDeferred();
    const ran: string[] = [];
    deferred.at(30, () => ran.push("late"));
    deferred.at(10, (due) => {
      ran.push(`first at ${due}`);
      deferred.at(20, () => ran.push("second"));
    });
    deferred.settle(9);
    expect(ran).toEqual([]);
    deferred.settle(25);
    deferred.settle(25);
    expect(ran).toEqual(["first at 10", "second"]);
    deferred.clear();
    deferred.settle(100);
    expect(ran).toHaveLength(2);
  });
});

describe("kept contents", () => {
  it("fit one limit, and give their room back once", () => {
    const contents = createByteStore(10);
    const kept = contents.keep(Buffer.from("12345678"));
    expect(contents.keep(Buffer.from("123"))).toBeNull();
    kept?.release();
    kept?.release();
    expect(contents.size()).toBe(0);
    expect(contents.keep(Buffer.from("1234567890"))?.bytes.toString()).toBe("1234567890");
  });
});
