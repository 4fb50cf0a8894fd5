import { afterEach, describe, expect, it } from "vitest";
import type { Store } from "../storage/types.ts";
import { environmentMark, proxyContext } from "../settings/stored-keys.ts";
import {
  addCredential,
  closeStores,
  idOf,
  key,
  load,
  makeStore,
  makeVault,
  model,
  take,
} from "../testkit/loaded-state.ts";

afterEach(closeStores);

describe("credentials", () => {
  it("carry base URL, proxy and quota tier out of the store, the proxy opened by the vault", async () => {
    const store = await makeStore();
    const proxy = "socks5://me:hunter2@10.0.0.1:1080";
    const sealedProxy = await makeVault().seal(proxy, proxyContext(idOf("one")));
    await addCredential(store, "one", { baseUrl: "https://gw.example", quotaTier: "free", sealedProxy, tier: 3 });
    const state = await load(store);
    const lease = take(state);
    expect(lease).toMatchObject({ credentialName: "one", baseUrl: "https://gw.example" });
    expect(lease.proxy?.reveal()).toBe(proxy);
    expect(JSON.stringify([lease, state.pool.view(state.clock.now())])).not.toContain("hunter2");
  });

  it("of the environment take what their entries say, and what the store says outranks it", async () => {
    const store = await makeStore();
    const entry = { name: "ci", key: key("one"), project: "p1", tier: 2, weight: 3, plan: "free", proxy: "http://p:1" };
    const environment = { GEMINI_API_KEYS: JSON.stringify([entry]) };
    const first = await load(store, { environment });
    expect(first.pool.view(0)).toMatchObject([{ name: "ci", projectId: "p1", tier: 2, weight: 3, source: "env" }]);
    expect(take(first).proxy?.reveal()).toBe("http://p:1");
    await addCredential(store, "one", { name: `ci${environmentMark}`, projectId: "p2", baseUrl: "https://gw.example" });
    const second = await load(store, { environment });
    expect(second.pool.view(0)).toMatchObject([{ name: "ci", projectId: "p2", tier: 2, weight: 3, source: "env" }]);
    expect(take(second)).toMatchObject({ baseUrl: "https://gw.example" });
    await store.credentials.update(idOf("one"), { tier: 5, projectId: "projects/77" });
    expect((await load(store, { environment })).pool.view(0)).toMatchObject([{ projectId: "p1", tier: 5 }]);
    // The row only holds changes: without the variable there is no key.
    expect((await load(store)).pool.view(0)).toEqual([]);
  });

  it("whose proxy cannot be opened are not used without it", async () => {
    const store = await makeStore();
    const foreign = await makeVault(2).seal("http://me:hunter2@p:1", proxyContext(idOf("one")));
    await addCredential(store, "one", { sealedProxy: foreign });
    const state = await load(store);
    expect(state.pool.view(0)).toEqual([]);
    const environment = { GEMINI_API_KEY: key("one") };
    expect((await load(store, { environment })).pool.counts(0)).toMatchObject({ total: 1, usable: 0, off: 1 });
    expect(state.logger.lines.map(({ event }) => event)).toEqual(["credential.unreadable"]);
  });

  it("are read again when another process changed them, once", async () => {
    const store = await makeStore();
    const state = await load(store);
    await addCredential(store, "one");
    expect(await state.reloadIfChanged()).toBe(false);
    await store.revision.raise();
    expect([await state.reloadIfChanged(), await state.reloadIfChanged()]).toEqual([true, false]);
    expect(state.pool.counts(0).total).toBe(1);
  });

  it("are opened once: a change of one does not open the envelopes of all", async () => {
    const store = await makeStore();
    const vault = makeVault();
    const opened: string[] = [];
    const counting = {
      ...vault,
      open: (sealed: string, place: string) => (opened.push(place), vault.open(sealed, place)),
    };
    await addCredential(store, "one");
    const state = await load(store, { vault: counting });
    await addCredential(store, "two");
    await store.credentials.update(idOf("one"), { weight: 3 });
    await state.reload();
    expect(opened).toEqual([idOf("one"), idOf("two")]);
    expect(take(state).secret.reveal()).toBe(key("one"));
    await store.credentials.update(idOf("one"), { sealed: await vault.seal(key("other"), idOf("one")) });
    await state.reload();
    expect(opened).toEqual([idOf("one"), idOf("two"), idOf("one")]);
  });

  it("are read again later when they could not be read", async () => {
    const store = await makeStore();
    let fails = false;
    const list = (): ReturnType<Store["credentials"]["list"]> =>
      fails ? Promise.reject(new Error("busy")) : store.credentials.list();
    const state = await load({ ...store, credentials: { ...store.credentials, list } });
    await addCredential(store, "one");
    await store.revision.raise();
    fails = true;
    await expect(state.reloadIfChanged()).rejects.toThrow("busy");
    fails = false;
    expect(await state.reloadIfChanged()).toBe(true);
    expect(state.pool.counts(0).total).toBe(1);
  });

  it("keep a project that was chosen by hand while another one was being learned", async () => {
    const store = await makeStore();
    const id = await addCredential(store, "one");
    const state = await load(store);
    const learn = { model, rule: "x", effects: [], consumer: "projects/5", limits: [], now: state.clock.now() };
    state.pool.apply({ lease: take(state), ...learn });
    await store.credentials.update(id, { projectId: "by-hand" });
    await state.saveUrgent();
    expect((await store.credentials.list())[0]?.projectId).toBe("by-hand");
    await store.credentials.update(id, { projectId: null });
    const fresh = await load(store);
    fresh.pool.apply({ lease: take(fresh), ...learn });
    await fresh.saveUrgent();
    expect((await store.credentials.list())[0]?.projectId).toBe("projects/5");
  });
});
