import { expect, test } from "vitest";
import { createCliFolder } from "./testing.ts";

interface Shown {
  settings: { name: string; value: string | null; source: string; stored: string | null; hot: boolean }[];
  warnings: string[];
}

test("settings are stored, shown with their source, outranked by the environment, and taken back", async () => {
  const folder = createCliFolder();
  const rowOf = async (name: string, env: Record<string, string> = {}): Promise<Shown["settings"][number]> => {
    const { settings } = (await folder.run(["config", "--json"], { env })).json<Shown>();
    return settings.find((row) => row.name === name) as Shown["settings"][number];
  };
  const set = await folder.run(["config", "set", "OWNER_WAIT_MS=5s", "KEEP_UPLOADS=on", "MODEL_ALIASES=a=b"]);
  expect(set.code).toBe(0);
  expect(set.stdout.split("\n").slice(0, 3)).toEqual([
    "Stored OWNER_WAIT_MS; a running gateway takes it up within a second.",
    "Stored KEEP_UPLOADS; it holds from the next start on.",
    "Stored MODEL_ALIASES; a running gateway takes it up within a second.",
  ]);
  expect(await rowOf("OWNER_WAIT_MS")).toMatchObject({ value: "5000", source: "stored", stored: "5s", hot: true });
  expect(await rowOf("OWNER_WAIT_MS", { OWNER_WAIT_MS: "1s" })).toMatchObject({ source: "environment", stored: "5s" });
  const unset = await folder.run(["config", "unset", "OWNER_WAIT_MS", "--json"]);
  expect(unset.json()).toEqual({ changed: ["OWNER_WAIT_MS"], afterRestart: [], outranked: [] });
  expect(await rowOf("OWNER_WAIT_MS")).toMatchObject({ value: "10000", source: "default", stored: null });
});

test("wrong values, read-only settings and malformed words are refused, and nothing is stored", async () => {
  const folder = createCliFolder();
  const wrong = await folder.run(["config", "set", "LIVE=off", "OWNER_WAIT_MS=soon", "OPEN_MODE=on"]);
  expect(wrong.code).toBe(2);
  expect(wrong.stderr).toMatch(/OWNER_WAIT_MS: expected.*OPEN_MODE cannot be stored/s);
  for (const words of [
    ["set", "LIVE"],
    ["change", "LIVE=on"],
  ])
    expect((await folder.run(["config", ...words])).code).toBe(2);
  const { settings } = (await folder.run(["config", "--json"])).json<Shown>();
  expect(settings.filter(({ stored }) => stored !== null)).toEqual([]);
});
