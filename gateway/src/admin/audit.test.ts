import * as fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createAdminWorld, worldAdminToken, type AdminWorld } from "../testkit/admin-world.ts";
import { mostDetailBytes, toAuditDetail } from "./audit-detail.ts";

let world: AdminWorld;
beforeEach(async () => {
  world = await createAdminWorld();
});
afterEach(() => world.close());

type Entry = {
  action: string;
  actor: string;
  role: string;
  outcome: string;
  target: string | null;
  detail: unknown;
  address: string | null;
};
async function log(query = ""): Promise<Entry[]> {
  return (await world.request("GET", `/audit${query}`)).body.entries as Entry[];
}
const operator = { name: "Grace", role: "viewer", password: "correct horse battery" };

describe("the audit log", () => {
  it("says who did what to whom, from where, without secrets", async () => {
    const made = await world.request("POST", "/operators", { as: "admin", body: operator });
    await world.request("PATCH", `/operators/${made.body.id}`, {
      body: { enabled: false, password: "another long password" },
    });
    const [changed, created] = await log();
    expect(created).toMatchObject({
      action: "operators.create",
      actor: "Ada",
      role: "admin",
      outcome: "done",
      address: "192.0.2.1",
      target: made.body.id,
      detail: {
        name: "Grace",
        role: "viewer",
        password: "[redacted]",
      },
    });
    expect(changed).toMatchObject({ action: "operators.change", actor: "admin token", target: made.body.id });
    expect(JSON.stringify(await world.store.administration.audit.list({ limit: 9 }))).not.toMatch(/horse|another long/);
  });

  it("keeps what was refused and what failed, and nothing of what was malformed or only read", async () => {
    await world.request("GET", "/settings", { as: "viewer" });
    await world.request("POST", "/operators", { body: { name: "x" } });
    expect(await log()).toEqual([]);
    await world.request("POST", "/operators", { as: "viewer", body: operator });
    await world.request("POST", "/operators", { as: "admin-without-csrf", body: operator });
    await world.request("DELETE", "/operators/nobody", { as: "admin" });
    expect(await log()).toMatchObject([
      { actor: "Ada", outcome: "failed", action: "operators.delete", target: "nobody" },
      { actor: "Ada", outcome: "refused", action: "operators.create", detail: null },
      { actor: "Vera", role: "viewer", outcome: "refused", action: "operators.create", detail: null },
    ]);
  });

  it("keeps log-ins with the name that was tried, never what was typed as a secret", async () => {
    await world.headersOf("admin");
    const tries = [
      { token: worldAdminToken },
      { token: "wrong" },
      { name: "Ada", password: "guess-guess" },
      { name: "guessed the wrong field", password: "x" },
    ];
    for (const body of tries) await world.request("POST", "/session", { as: "nobody", body });
    expect(await log("?action=session.create")).toMatchObject([
      { actor: "nobody", outcome: "refused", detail: { as: null } },
      { actor: "nobody", role: "none", outcome: "refused", detail: { as: "Ada" } },
      { actor: "nobody", outcome: "refused", detail: { as: "admin token" } },
      { actor: "nobody", outcome: "done", detail: { as: "admin token" } },
    ]);
    expect(JSON.stringify(await world.store.administration.audit.list({ limit: 9 }))).not.toMatch(/guess|wrong/);
  });

  it("is not filled by strangers: sixty refusals a minute, and how many more there were", async () => {
    const guess = (address: string) =>
      world.request("POST", "/session", { as: "nobody", body: { token: "wrong" }, info: { address } });
    for (let index = 0; index < 100; index++) await guess(`192.0.2.${index}`);
    expect(await log("?limit=500")).toHaveLength(60);
    await world.request("POST", "/operators", { body: operator });
    const [created] = await log();
    expect(created).toMatchObject({ outcome: "done", detail: { linesNotWritten: 40 } });
    world.clock.advance(60_000);
    await guess("198.51.100.1");
    expect(await log("?limit=500")).toHaveLength(62);
  });

  it("is read page by page, also while it grows, by action and by actor", async () => {
    for (let index = 0; index < 7; index++)
      await world.request("POST", "/tokens", {
        as: index % 2 === 0 ? "admin" : "admin-token",
        body: { name: `t${index}`, role: "viewer" },
      });
    const seen: string[] = [];
    let cursor: string | null = null;
    do {
      const path: string = `/audit?limit=3${cursor === null ? "" : `&cursor=${encodeURIComponent(cursor)}`}`;
      const { entries, next } = (await world.request("GET", path)).body as {
        entries: { detail: { name: string } }[];
        next: string | null;
      };
      seen.push(...entries.map(({ detail }) => detail.name));
      await world.request("POST", "/tokens", { body: { name: "later", role: "viewer" } });
      cursor = next;
    } while (cursor !== null);
    expect(seen).toEqual(["t6", "t5", "t4", "t3", "t2", "t1", "t0"]);
    expect(await log("?actor=Ada")).toHaveLength(4);
    expect(await log("?action=operators.create")).toEqual([]);
    expect((await world.request("GET", "/audit", { as: "viewer" })).status).toBe(403);
  });

  it("forgets what is older than AUDIT_RETENTION_DAYS", async () => {
    await world.request("POST", "/tokens", { body: { name: "old", role: "viewer" } });
    world.clock.advance(401 * 86_400_000);
    await world.request("POST", "/tokens", { body: { name: "new", role: "viewer" } });
    expect((await log()).map(({ detail }) => (detail as { name: string }).name)).toEqual(["new"]);
  });

  it("that cannot be written does not undo what was done, and is missed in the log lines", async () => {
    world.services.administration.audit.add = () => Promise.reject(new Error("disk full"));
    expect((await world.request("POST", "/operators", { body: operator })).status).toBe(201);
    const line = world.logger.lines.find(({ event }) => event === "admin.audit-unwritten");
    expect(line?.fields).toMatchObject({ action: "operators.create", actor: "admin token", outcome: "done" });
  });
});

describe("an audit entry's detail", () => {
  it("hides fields that hold secrets and shapes of secrets anywhere", () => {
    const key = "AIzaSy0123456789abcdefghijklmnopqrstuvw";
    const hostile = {
      token: "t",
      newPassword: "p",
      passphrase: "p",
      proxy: "http://u:p@h",
      text: "keys",
      current: "c",
      proxyUrl: null,
      nested: {
        deep: [
          {
            apiKey: "k",
            note: `see ${key}`,
          },
        ],
      },
      [`name-${key}`]: 1,
      note: `ga-${"a".repeat(40)} gp-${"b".repeat(40)}`,
    };
    const text = toAuditDetail(hostile) as string;
    expect(text).not.toMatch(/AIzaSy0|"t"|"p"|"k"|"c"|u:p|aaaa|bbbb/);
    expect(JSON.parse(text)).toMatchObject({ proxyUrl: null, nested: { deep: [{ apiKey: "[redacted]" }] } });
  });

  it("is an object of at most 4 KB, whatever it is made of", () => {
    fc.assert(
      fc.property(
        fc.object({ maxDepth: 5, maxKeys: 12, key: fc.string({ maxLength: 120, unit: "binary" }) }),
        (value) => {
          const text = toAuditDetail(value);
          if (text === null) return;
          expect(new TextEncoder().encode(text).length).toBeLessThanOrEqual(mostDetailBytes);
          expect(JSON.parse(text)).toBeTypeOf("object");
        },
      ),
      { numRuns: 40 },
    );
    const wide = Object.fromEntries(Array.from({ length: 60 }, (_, index) => [`\u2603${index}`, "\u2603".repeat(500)]));
    expect(JSON.parse(toAuditDetail(wide) as string)).toMatchObject({ cut: true });
    const escaped = Object.fromEntries(
      Array.from({ length: 60 }, (_, index) => [`${"\u0001".repeat(90)}${index}`, "\u0001".repeat(500)]),
    );
    expect((toAuditDetail(escaped) as string).length).toBeLessThanOrEqual(mostDetailBytes);
    expect(toAuditDetail({}, null, undefined, "text", [])).toBeNull();
  });
});
