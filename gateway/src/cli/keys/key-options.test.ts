import { describe, expect, it } from "vitest";
import { readKeyOptions } from "./key-options.ts";
import type { KeyChange, KeyOptionValues } from "./key-options.ts";

const warnings: string[] = [];
const read = (
  values: KeyOptionValues,
  more: { clearable?: boolean; allowInsecure?: boolean } = {},
): Promise<KeyChange> =>
  readKeyOptions(values, {
    allowInsecure: false,
    clearable: true,
    stdin: false,
    warn: (text) => void warnings.push(text),
    ...more,
  });

describe("options of a key", () => {
  it("are read into what they mean, and what is not given is not there", async () => {
    expect(await read({})).toEqual({});
    expect(
      await read({
        name: " my \n key ",
        project: "projects/12",
        tier: "2",
        weight: "0.5",
        "quota-tier": "Paid1",
        "base-url": "https://gw.example/v1beta",
        proxy: "socks5h://[::1]:1080/",
      }),
    ).toEqual({
      name: "my key",
      projectId: "projects/12",
      tier: 2,
      weight: 0.5,
      quotaTier: "paid1",
      baseUrl: "https://gw.example",
      proxy: "socks5h://[::1]:1080",
    });
    expect(warnings).toEqual([]);
    await read({ proxy: "http://me:hunter2@proxy" });
    expect(warnings.splice(0)).toEqual([expect.stringContaining("shell's history")]);
  });

  it("are taken away by none, where they can be", async () => {
    const none = {
      project: "none",
      tier: "none",
      weight: "NONE",
      "quota-tier": "none",
      "base-url": "none",
      proxy: "none",
    };
    const nothing = { projectId: null, tier: 0, weight: 1, quotaTier: null, baseUrl: null, proxy: null };
    expect(await read(none)).toEqual(nothing);
    await expect(read({ tier: "none" }, { clearable: false })).rejects.toThrow("--tier");
    expect(await read({ project: "none" }, { clearable: false })).toEqual({ projectId: "none" });
  });

  it.each<KeyOptionValues>([
    { proxy: "ftp://me:hunter2@proxy" },
    { proxy: "hunter2" },
    { proxy: "-" },
    { "base-url": "http://hunter2.example" },
    { "base-url": "https://me:hunter2@gw.example" },
    { "quota-tier": "hunter2 hunter2" },
    { tier: "-1" },
    { tier: "1.5" },
    { weight: "0" },
    { weight: "many" },
    { project: "a b" },
    { project: "" },
    { name: " " },
    { name: "x".repeat(101) },
  ])("are refused when they are wrong, without being shown: %j", async (values) => {
    const error = await read(values).then(
      () => null,
      (reason: Error & { exitCode?: number }) => reason,
    );
    expect(error?.exitCode).toBe(2);
    expect(error?.message).toContain(`--${Object.keys(values)[0]}`);
    expect(error?.message).not.toContain("hunter2");
  });

  it("do not let a key take the name of rows that hold changes of the environment's keys", async () => {
    expect(await read({ name: "work (environment) (environment)" })).toEqual({ name: "work" });
  });

  it("take plain http for a base URL when that is allowed", async () => {
    expect(await read({ "base-url": "http://gw.example" }, { allowInsecure: true })).toEqual({
      baseUrl: "http://gw.example",
    });
  });
});
