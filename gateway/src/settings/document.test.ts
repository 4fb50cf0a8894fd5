import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { toConfigurationPage } from "./document.ts";
import { settingsTable } from "./table.ts";

it("is what docs/configuration.md says (else run: node gateway/src/cli/write-docs.ts)", () => {
  expect(readFileSync(new URL("../../../docs/configuration.md", import.meta.url), "utf8")).toBe(toConfigurationPage());
});

it("names every setting and every alias", () => {
  const page = toConfigurationPage();
  for (const row of settingsTable) for (const name of [row.name, ...row.aliases]) expect(page).toContain(`\`${name}\``);
});
