import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { settingsTable } from "../settings/table.ts";
import { createAdminWorld, type AdminWorld, type Caller } from "../testkit/admin-world.ts";

let world: AdminWorld;
beforeEach(async () => {
  world = await createAdminWorld();
});
afterEach(() => world.close());

const lines = (actor?: string): ReturnType<AdminWorld["store"]["administration"]["audit"]["list"]> =>
  world.store.administration.audit.list({ limit: 1_000, ...(actor === undefined ? {} : { actor }) });

describe("who is no admin", () => {
  it.each([
    ["logging out without a session", "DELETE", "/session", undefined],
    ["setting a password that a token cannot have", "POST", "/session/password", { password: "correct horse battery" }],
  ])("does not fill the audit log by %s", async (_, method, path, body) => {
    for (let time = 0; time < 100; time++)
      await world.request(method, path, { as: "viewer-token", ...(body === undefined ? {} : { body }) });
    expect(await lines()).toHaveLength(60);
    await world.request("POST", "/tokens", { body: { name: "t", role: "viewer" } });
    const [last] = await lines();
    expect(JSON.parse(last?.detail ?? "")).toMatchObject({ name: "t", linesNotWritten: 40 });
  });

  it("does not hide the tries of another by noise", async () => {
    const forbidden = (as: Caller): Promise<unknown> => world.request("DELETE", "/tokens/x", { as });
    for (let time = 0; time < 70; time++) {
      await world.request("POST", "/session", {
        as: "nobody",
        body: { token: "wrong" },
        info: { address: `192.0.2.${time}` },
      });
      await forbidden("viewer-token");
    }
    await forbidden("viewer");
    expect(await lines("nobody")).toHaveLength(60);
    expect(await lines("scraper")).toHaveLength(60);
    expect(await lines("Vera")).toHaveLength(1);
  });
});

it("a change of all settings at once is in the audit log with each of their names", async () => {
  const open = settingsTable.filter(({ secret }) => !secret).map(({ name }) => name);
  const changes = Object.fromEntries(open.map((name) => [name, "x".repeat(500)]));
  await world.request("PATCH", "/settings", { body: { changes } });
  const [line] = await lines();
  const told = (JSON.parse(line?.detail ?? "") as { changes: string[] }).changes.map((each) => each.split(/[=…]/)[0]);
  expect(told.map((name, index) => open[index]?.startsWith(name ?? "-") ?? name)).toEqual(open.map(() => true));
});

it("asking what would happen leaves no line, doing it does", async () => {
  const before = (await lines()).length;
  for (const dryRun of [true, false])
    await world.request("PATCH", "/settings", { body: { changes: { RETENTION_DAYS: "30" }, dryRun } });
  expect((await lines()).length).toBe(before + 1);
});
