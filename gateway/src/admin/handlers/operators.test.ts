import { afterEach, beforeEach, expect, it } from "vitest";
import { createAdminWorld, type AdminWorld } from "../../testkit/admin-world.ts";

let world: AdminWorld;
beforeEach(async () => {
  world = await createAdminWorld();
});
afterEach(() => world.close());

const grace = { name: "Grace", role: "viewer", password: "correct horse battery" };

it("an operator is added, logs in with the role that was given, and is never shown with a hash", async () => {
  const made = await world.request("POST", "/operators", { body: { ...grace, name: "  Grace " } });
  expect([made.status, made.body]).toMatchObject([
    201,
    { name: "Grace", role: "viewer", enabled: true, lastLoginAt: null },
  ]);
  const login = await world.request("POST", "/session", {
    as: "nobody",
    body: { name: "Grace", password: grace.password },
  });
  expect(login.body.operator).toEqual({ id: made.body.id, name: "Grace", role: "viewer" });
  const { operators } = (await world.request("GET", "/operators")).body;
  expect(operators).toMatchObject([{ id: made.body.id, lastLoginAt: world.clock.now() }]);
  expect(JSON.stringify(operators)).not.toContain("scrypt");
});

it("names are taken once, and none may pass for the admin token", async () => {
  await world.request("POST", "/operators", { body: grace });
  for (const name of ["Grace", "Admin Token", "admin token"]) {
    const answer = await world.request("POST", "/operators", { body: { ...grace, name } });
    expect([name, answer.status, answer.body.error.field]).toEqual([name, 409, "body.name"]);
  }
  for (const wrong of [{ password: "eleven char" }, { role: "owner" }, { name: " " }, { name: "x".repeat(65) }])
    expect((await world.request("POST", "/operators", { body: { ...grace, ...wrong } })).body.error.code).toBe(
      "body_invalid",
    );
});

it("a change touches only what is named; who is not there is not found", async () => {
  const { id } = (await world.request("POST", "/operators", { body: grace })).body;
  const [before] = await world.store.administration.operators.list();
  expect((await world.request("PATCH", `/operators/${id}`, { body: { role: "admin" } })).body).toMatchObject({
    role: "admin",
  });
  const [after] = await world.store.administration.operators.list();
  expect(after).toEqual({ ...before, role: "admin" });
  expect((await world.request("PATCH", "/operators/nobody", { body: { role: "admin" } })).status).toBe(404);
  expect((await world.request("DELETE", "/operators/nobody")).status).toBe(404);
});

it("the last operator may go, and with it its sessions: the admin token still opens everything", async () => {
  const as = { as: "admin" } as const;
  expect((await world.request("DELETE", "/operators/operator_admin", as)).status).toBe(204);
  expect((await world.request("GET", "/operators", as)).status).toBe(401);
  expect((await world.request("GET", "/operators")).body.operators).toEqual([]);
  expect((await world.request("GET", "/session", { as: "nobody" })).body.passwordSet).toBe(false);
});
