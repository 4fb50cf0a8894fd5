import { afterEach, beforeEach, expect, it } from "vitest";
import { createAdminWorld, type AdminWorld } from "../../testkit/admin-world.ts";

let world: AdminWorld;
beforeEach(async () => {
  world = await createAdminWorld({
    environment: { MAX_OPEN_CALLS: "77", GEMINI_API_KEY: "AIzaSy0123456789abcdefghijklmnopqrstuvw" },
  });
});
afterEach(() => world.close());

const change = (changes: object, dryRun = false) => world.request("PATCH", "/settings", { body: { changes, dryRun } });

it("settings are listed with where they come from, secrets as set or not", async () => {
  const { settings } = (await world.request("GET", "/settings", { as: "viewer" })).body as {
    settings: { name: string }[];
  };
  const find = (name: string) => settings.find((each) => each.name === name);
  expect(find("MAX_OPEN_CALLS")).toMatchObject({ source: "environment", value: "77" });
  expect(find("GEMINI_API_KEY")).toMatchObject({ secret: true, value: "set" });
  expect(find("LOG_LEVEL")).toMatchObject({
    source: "default",
    value: "info",
    choices: ["debug", "info", "warn", "error"],
  });
});

it("a change is in force and stored, a dry run is neither", async () => {
  expect((await change({ SESSION_MS: "2h" }, true)).body).toMatchObject({ dryRun: true, changed: ["SESSION_MS"] });
  expect(await world.store.administration.settings.list()).toEqual({});
  await change({ SESSION_MS: "2h", MAX_OPEN_CALLS: "5" });
  expect(world.services.settings.current).toMatchObject({ sessionMs: 7_200_000, maxOpenCalls: 77 });
  expect(await world.store.administration.settings.list()).toEqual({ SESSION_MS: "2h", MAX_OPEN_CALLS: "5" });
  await change({ SESSION_MS: null });
  expect(world.services.settings.current.sessionMs).toBe(43_200_000);
});

it("what cannot be used is named, and nothing is stored", async () => {
  const answer = await change({ SESSION_MS: "soon", LOG_LEVEL: "debug" });
  expect(answer.body.error).toMatchObject({ code: "setting_invalid", field: "body.changes.SESSION_MS" });
  expect(answer.body.error.message).toMatch(/^SESSION_MS: expected/);
  expect((await change({ ADMIN_TOKEN: "x" })).status).toBe(400);
  expect((await change({ __proto__x: "1" })).status).toBe(400);
  expect(await world.store.administration.settings.list()).toEqual({});
});

it("the audit log has values of open settings, and only names of others", async () => {
  await change({ LOG_LEVEL: "debug", SESSION_MS: null, PROXY_MAX_RETRIES: "3" });
  await change({ METRICS_TOKEN: "a-secret-of-somebody", NO_SUCH: "another-secret" });
  const { entries } = (await world.request("GET", "/audit")).body;
  expect(entries).toMatchObject([
    { outcome: "failed", detail: { changes: ["METRICS_TOKEN=[redacted]", "NO_SUCH=[redacted]"] } },
    {
      outcome: "done",
      detail: { changes: ["LOG_LEVEL=debug", "SESSION_MS: as if not stored", "PROXY_MAX_RETRIES=3"] },
    },
  ]);
});
