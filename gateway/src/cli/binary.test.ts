import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { describe, expect, it } from "vitest";
import { binary, finish } from "./testing.ts";

/** Runs before the command and makes it believe that it runs on Node 20. */
const pretend = `data:text/javascript,Object.defineProperty(process,"versions",{value:{...process.versions,node:"20.20.2"}})`;
const env = { PATH: process.env["PATH"] ?? "", HOME: tmpdir() };

describe("bin/gemini-proxy.js on a Node that is too old", () => {
  it("hands over to the newer Node that is installed as a package, with arguments and exit code", async () => {
    const { stdout, stderr } = await promisify(execFile)(process.execPath, ["--import", pretend, binary, "--version"], {
      env,
    });
    expect(stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
    expect(stderr).toBe("");
    const wrong = await finish(
      spawn(process.execPath, ["--import", pretend, binary, "keys", "no such thing"], { env }),
    );
    expect(wrong.code).toBe(2);
    expect(wrong.stderr).toContain("no such thing");
  });

  it("passes signals on and ends with the other's exit code", async () => {
    const cwd = mkdtempSync(join(tmpdir(), "gemini-proxy-bin-"));
    const child = spawn(process.execPath, ["--import", pretend, binary, "start", "--port", "0"], { cwd, env });
    const ended = finish(child);
    await once(child.stdout, "data");
    child.kill("SIGTERM");
    const { code, stderr } = await ended;
    expect(code).toBe(0);
    expect(stderr).toContain("Stopping");
  });

  it("never starts a third process", async () => {
    const result = await finish(
      spawn(process.execPath, ["--import", pretend, binary, "--version"], { env: { ...env, GEMINI_PROXY_NODE: "1" } }),
    );
    expect(result.code).toBe(1);
    expect(result.stderr).toContain("too old");
    expect(result.stderr).toContain("Install Node 22.19 or later");
  });
});
