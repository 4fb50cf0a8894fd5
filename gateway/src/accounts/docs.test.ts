import { globSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { parseSettings } from "../settings/parse.ts";

const page = readFileSync(new URL("../../../docs/code-assist.md", import.meta.url), "utf8");
const folder = fileURLToPath(new URL(".", import.meta.url));
const sources = globSync("*.ts", { cwd: folder })
  .filter((file) => !file.endsWith(".test.ts"))
  .map((file) => readFileSync(folder + file, "utf8"))
  .join("\n");
/** Words of log lines: nobody has to do anything about them. */
const logged = new Set(
  [...sources.matchAll(/logger\s*\.log\(\s*"\w+",\s*"(account\.[\w-]+)"/g)].map(([, event = ""]) => event),
);

describe("docs/code-assist.md", () => {
  it("says of every fault of an account what is to be done, and of no other", () => {
    const rules = new Set([...sources.matchAll(/"(account\.[\w-]+)"/g)].map(([, rule = ""]) => rule));
    const told = new Set([...page.matchAll(/`(account\.[\w-]+)`/g)].map(([, rule = ""]) => rule));
    const lasting = [...rules].filter((rule) => !logged.has(rule) && !passing.has(rule));
    expect(lasting.length).toBeGreaterThan(10);
    expect([...told].toSorted()).toEqual(lasting.toSorted());
  });

  it("takes the account of the environment from a file, too", () => {
    const text = JSON.stringify({ refresh_token: "1//token", expiry_date: 1_750_927_763_467 });
    const readFile = (path: string): string | null => (path === "/run/secrets/account" ? text : null);
    for (const name of ["GCP_SERVICE_ACCOUNT", "GCP_SERVICE_ACCOUNT_FILE"]) {
      const { settings, problems } = parseSettings({ [name]: "/run/secrets/account" }, { readFile });
      expect(problems).toEqual([]);
      expect(settings.codeAssistAccount).toBe(text);
    }
  });

  it("shows no value of an OAuth client", () => {
    expect(page).not.toMatch(/apps\.googleusercontent\.com|GOCSPX/);
  });
});

// --- helpers ---

/** Of the log, of the own store, of a question that only people ask. */
const passing = new Set(["account.failed", "account.gone", "account.unreadable", "account.quota-unreadable"]);
