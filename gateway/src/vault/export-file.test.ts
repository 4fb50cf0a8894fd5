import { randomFillSync } from "node:crypto";
import { expect, it } from "vitest";
import { toSecret } from "../core/secret.ts";
import { parseKeys } from "../settings/keys.ts";
import { isSealedExport, openExportFile, sealExportFile, toExportFile } from "./export-file.ts";

const random = { next: () => 0.5, bytes: (length: number) => randomFillSync(new Uint8Array(length)) };
const plain = `AIzaSy${"x".repeat(33)}`;
const keys = [{ name: "work", secret: toSecret(plain), enabled: false, projectId: "p1", weight: 2, tier: 1 }];
const proxied = {
  ...keys[0],
  name: "home",
  secret: toSecret(`AIzaSy${"y".repeat(33)}`),
  quotaTier: "paid1",
  baseUrl: "https://gw.example/google",
  proxy: toSecret("socks5://me:hunter2@10.0.0.1:1080"),
} as (typeof keys)[number];
const file = toExportFile(keys, { masked: false, exportedAt: "2026-11-21T00:00:00.000Z" });

it("writes a file that the key reader reads back", () => {
  expect(parseKeys(JSON.stringify(file)).keys).toEqual([
    { name: "work", secret: plain, enabled: false, projectId: "p1", weight: 2, tier: 1 },
  ]);
});

it("writes quota tier, base URL and proxy so that they are read back", () => {
  const text = JSON.stringify(toExportFile([proxied], { masked: false, exportedAt: "" }));
  expect(parseKeys(text).keys).toEqual([
    {
      name: "home",
      secret: `AIzaSy${"y".repeat(33)}`,
      enabled: false,
      projectId: "p1",
      weight: 2,
      tier: 1,
      quotaTier: "paid1",
      baseUrl: "https://gw.example/google",
      proxy: "socks5://me:hunter2@10.0.0.1:1080",
    },
  ]);
});

it("masks a proxy's user name and password, too", () => {
  const text = JSON.stringify(toExportFile([proxied], { masked: true, exportedAt: "" }));
  expect(text).toContain("socks5://…@10.0.0.1:1080");
  expect(text).not.toContain("hunter2");
});

it("masks secrets", () => {
  expect(JSON.stringify(toExportFile(keys, { masked: true, exportedAt: "" }))).not.toContain(plain);
});

it("seals and opens with the same passphrase only", async () => {
  const sealed = JSON.stringify(await sealExportFile(file, "correct horse battery", random));
  expect(sealed).not.toContain("AIza");
  expect([isSealedExport(sealed), isSealedExport(JSON.stringify(file)), isSealedExport("AIza…")]).toEqual([
    true,
    false,
    false,
  ]);
  expect(JSON.parse(await openExportFile(sealed, "correct horse battery", random))).toEqual(file);
  await expect(openExportFile(sealed, "another horse battery", random)).rejects.toThrow("not the one that sealed");
  await expect(openExportFile("{}", "correct horse battery", random)).rejects.toThrow("not a sealed export");
  await expect(sealExportFile(file, "short", random)).rejects.toThrow("16 characters");
});
