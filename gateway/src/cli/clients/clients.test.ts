import { createHash } from "node:crypto";
import { join } from "node:path";
import { expect, it } from "vitest";
import { openNodeSqlite } from "../../storage/drivers/open-node.ts";
import { createCliFolder } from "../testing.ts";

it("makes a client key, shows it once, keeps only its digest, and revokes it", async () => {
  const folder = createCliFolder();
  const made = await folder.run([
    "clients",
    "create",
    "--name",
    "app",
    "--models",
    "models/gemini-3.8-flash, gemini-4-*",
    "--expires",
    "30d",
  ]);
  const plain = /gp-[\w-]{20,}/.exec(made.stdout)?.[0] ?? "";
  expect(made.stdout).toContain(`curl -H 'x-goog-api-key: ${plain}' http://127.0.0.1:8787/v1beta/models`);
  const store = await openNodeSqlite({ path: join(folder.path, "data/gemini-proxy.sqlite") });
  const [row] = await store.clients.list();
  expect(row).toMatchObject({
    name: "app",
    digest: createHash("sha256").update(plain).digest("hex"),
    prefix: plain.slice(0, 7),
    allowedModels: ["gemini-3.8-flash", "gemini-4-*"],
    enabled: true,
  });
  expect(row?.expiresAt ?? 0).toBeGreaterThan(Date.now() + 29 * 86_400_000);
  const listed = await folder.run(["clients", "list"], { env: { PROXY_API_KEY: "a-client-key-of-the-environment" } });
  expect(listed.stdout).toMatch(/client_env_1 .*PROXY_API_KEY/);
  expect(listed.stdout).not.toContain(plain);

  const revision = await store.revision.get();
  expect((await folder.run(["clients", "revoke", "app"])).code).toBe(2);
  expect((await folder.run(["clients", "revoke", plain.slice(0, 7), "--yes"])).stdout).toContain(
    "Revoked client key 'app'",
  );
  expect(await store.revision.get()).toBeGreaterThan(revision);
  expect((await folder.run(["clients", "list", "--json"])).json()).toMatchObject([{ name: "app", state: "revoked" }]);
  await store.close();
});

it("refuses taken names, past dates and what is no model", async () => {
  const folder = createCliFolder();
  expect((await folder.run(["clients", "create", "--json"])).json()).toMatchObject({
    name: "client-1",
    models: null,
    expiresAt: null,
  });
  for (const [words, message] of [
    [["--name", "client-1"], "is taken"],
    [["--expires", "2020-01-01"], "in the past"],
    [["--expires", "soon"], "not a time"],
    [["--models", "a b"], "not a model's name"],
  ] as const) {
    const result = await folder.run(["clients", "create", ...words]);
    expect(result.code).toBe(2);
    expect(result.stderr).toContain(message);
  }
  expect((await folder.run(["clients", "revoke", "nobody", "--yes"])).stderr).toContain("There is no client key");
});
