import { afterAll, beforeEach, describe, expect, it } from "vitest";

import { FOREIGN, MINE, MINE_TOO, ask, startTwoProjects } from "../resources/test-projects.ts";
import { at, call } from "../test-client.ts";
import { COLLECTIONS } from "./managed.ts";

const emulator = await startTwoProjects();
afterAll(() => emulator.close());
beforeEach(() => emulator.reset());

describe.each(COLLECTIONS)("%s", (collection) => {
  it("are made, read, listed, changed and deleted by any key of their project", async () => {
    const created = await ask(emulator, collection, { body: { display_name: "one", nested: { a_b: [1] } } });
    expect(created.status).toBe(200);
    const name = String(at(created.body, "name"));
    expect(name).toMatch(new RegExp(`^${collection}/[a-z\\d]{12}$`));
    expect(created.body).toMatchObject({ display_name: "one", nested: { a_b: [1] }, create_time: expect.any(String) });
    expect((await ask(emulator, name, { key: MINE_TOO })).body).toMatchObject({ name, display_name: "one" });
    const changed = await ask(emulator, `${name}?update_mask=display_name`, {
      method: "PATCH",
      body: { display_name: "two", nested: null },
    });
    expect(changed.body).toMatchObject({ display_name: "two", nested: { a_b: [1] } });
    await ask(emulator, collection, { body: { id: "chosen" } });
    const page = await ask(emulator, `${collection}?page_size=1`);
    expect(at(page.body, `${collection}.0.name`)).toBe(`${collection}/chosen`);
    const next = String(at(page.body, "next_page_token"));
    const rest = await ask(emulator, `${collection}?page_size=1&page_token=${next}`);
    expect(at(rest.body, `${collection}.0.name`)).toBe(name);
    expect((await ask(emulator, name, { method: "DELETE" })).body).toEqual({});
    expect((await ask(emulator, name)).status).toBe(404);
    expect((await ask(emulator, collection, { body: { id: "chosen" } })).status).toBe(409);
  });

  it("do not exist for another project", async () => {
    const name = String(at((await ask(emulator, collection, { body: {} })).body, "name"));
    for (const method of ["GET", "DELETE"]) {
      const answer = await ask(emulator, name, { method, key: FOREIGN });
      expect(answer).toMatchObject({ status: 404, body: { error: { status: "NOT_FOUND" } } });
    }
    expect((await ask(emulator, name, { method: "PATCH", body: {}, key: FOREIGN })).status).toBe(404);
    expect((await ask(emulator, collection, { key: FOREIGN })).body).toEqual({ [collection]: [] });
    expect(emulator.record().at(-1)).toMatchObject({ operation: `${collection}.list`, project: "projects/2" });
  });
});

describe("webhooks", () => {
  it("tell their signing secret once, and a new one when it is rotated", async () => {
    const created = await ask(emulator, "webhooks", { body: { uri: "https://example.com" } });
    const secret = String(at(created.body, "new_signing_secret"));
    expect(secret).toMatch(/^whsec_/);
    const name = String(at(created.body, "name"));
    expect(at((await ask(emulator, name)).body, "new_signing_secret")).toBeUndefined();
    const rotated = await ask(emulator, `${name}:rotateSigningSecret`, { body: {} });
    expect(at(rotated.body, "new_signing_secret")).not.toBe(secret);
    expect((await ask(emulator, `${name}:ping`, { body: {} })).body).toEqual({});
    expect((await ask(emulator, `${name}:ping`, { body: {}, key: FOREIGN })).status).toBe(404);
  });
});

describe("credentials", () => {
  it("never tell what is secret", async () => {
    const body = { type: "bearer", token: "hush", client_secret: "hush" };
    const created = await ask(emulator, "credentials", { body });
    expect(created.body).toMatchObject({ type: "bearer" });
    expect(JSON.stringify(created.body)).not.toContain("hush");
  });
});

describe("triggers", () => {
  it("list their executions", async () => {
    const name = String(at((await ask(emulator, "triggers", { body: {} })).body, "name"));
    await ask(emulator, `${name}/executions`, { body: {} });
    const list = await ask(emulator, `${name}/executions`);
    expect(at(list.body, "executions.0.name")).toMatch(new RegExp(`^${name}/executions/`));
    expect((await ask(emulator, `${name}/executions`, { key: FOREIGN })).status).toBe(404);
  });
});

describe("files of environments", () => {
  it("are uploaded to and read from their own environment only", async () => {
    const environment = String(at((await ask(emulator, "environments", { body: {} })).body, "name"));
    const path = `/upload/v1beta/${environment}/files/src/main.py`;
    const headers = { "x-goog-upload-protocol": "raw", "content-type": "text/x-python" };
    const uploaded = await call(emulator, { path, body: "print(1)", key: MINE, headers });
    expect(await uploaded.json()).toMatchObject({ path: "src/main.py", size_bytes: "8", mime_type: "text/x-python" });
    expect((await ask(emulator, `${environment}/files/src/main.py`)).body).toMatchObject({ path: "src/main.py" });
    expect(at((await ask(emulator, `${environment}/files`)).body, "files")).toHaveLength(1);
    expect((await ask(emulator, `${environment}/files/src/main.py`, { key: FOREIGN })).status).toBe(404);
    const stolen = await call(emulator, { path, body: "x", key: FOREIGN, headers });
    expect(stolen.status).toBe(404);
  });
});
