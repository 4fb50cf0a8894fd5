/** @module The manual names every error, control and option there is. */

import { readFileSync } from "node:fs";
import { join } from "node:path";

import { describe, expect, it } from "vitest";

import { ERROR_NAMES } from "./errors/error-names.ts";

const read = (name: string): string => readFileSync(join(import.meta.dirname, name), "utf8");
const manual = read("../README.md");

/** Members of an interface, read from the source: types leave nothing to look at when running. */
const membersOf = (source: string, name: string): string[] => {
  const body = new RegExp(String.raw`interface ${name}[^{\n]* \{\n(.*?)\n\}`, "s").exec(source)?.[1] ?? "";
  return [...body.matchAll(/^ {2}(\w+)\??[:(]/gm)].map(([, member]) => member ?? "");
};

describe("README", () => {
  it.each(ERROR_NAMES)("names the error %s", (name) => {
    expect(manual).toContain(`\`${name}\``);
  });

  it.each(["EmulatorOptions", "FaultMatch", "FaultAction", "ProjectConfig", "ModelConfig", "ServedRecord"])(
    "names every member of %s",
    (name) => {
      const members = membersOf(read("types.ts"), name);
      expect(members.length).toBeGreaterThan(4);
      expect(members.filter((member) => !new RegExp(String.raw`\b${member}\b`).test(manual))).toEqual([]);
    },
  );

  it.each([
    ["ResourceOptions", "resources/options.ts"],
    ["ImplicitCacheOptions", "resources/options.ts"],
    ["BatchTotals", "resources/options.ts"],
    ["Totals", "state/totals.ts"],
    ["AccountTotals", "state/totals.ts"],
  ])("names every member of %s", (name, file) => {
    const members = membersOf(read(file), name);
    expect(members.length).toBeGreaterThan(0);
    expect(members.filter((member) => !new RegExp(String.raw`\b${member}\b`).test(manual))).toEqual([]);
  });

  it.each(["AccountConfig", "OauthClient", "AccountSummary"])("names every member of %s", (name) => {
    const members = membersOf(read("accounts/types.ts"), name);
    expect(members.length).toBeGreaterThan(1);
    expect(members.filter((member) => !new RegExp(String.raw`\b${member}\b`).test(manual))).toEqual([]);
  });

  it.each(["ScriptCondition", "ScriptedAnswer"])("names every member of %s", (name) => {
    const members = membersOf(read("state/script-types.ts"), name);
    expect(members.length).toBeGreaterThan(4);
    expect(members.filter((member) => !new RegExp(String.raw`\b${member}\b`).test(manual))).toEqual([]);
  });

  it("names every state of an account", () => {
    const states = [...read("accounts/types.ts").matchAll(/^ {2}\| "([\w-]+)"/gm)].map(([, state]) => state);
    expect(states.length).toBe(8);
    for (const state of states) expect(manual).toContain(`\`${state}\``);
  });

  it("names every operation of Code Assist and OAuth", () => {
    const source = read("code-assist/route.ts") + read("oauth/route.ts");
    const operations = [...source.matchAll(/(?:operation: |toRoute\()"(\w+)"/g)].map(([, operation]) => operation);
    expect(operations.length).toBeGreaterThan(15);
    for (const operation of operations) expect(manual).toContain(`\`${operation}\``);
  });

  it.each(["LiveOptions", "LiveFault"])("names every member of %s", (name) => {
    const members = membersOf(read("live/types.ts"), name);
    expect(members.length).toBeGreaterThan(4);
    expect(members.filter((member) => !new RegExp(String.raw`\b${member}\b`).test(manual))).toEqual([]);
  });

  it("names every control", () => {
    const controls = [...read("http/control.ts").matchAll(/^ {2}"[A-Z]+ (\w+)"/gm)].map(([, name]) => name);
    expect(controls.length).toBeGreaterThan(10);
    for (const name of controls) expect(manual).toContain(`/_emulator/${name}`);
  });
});
