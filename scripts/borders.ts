/**
 * `npm run borders`: fails when a part of the code imports what it must not (.dependency-cruiser.cjs has the rules).
 * @module
 */
import { fileURLToPath } from "node:url";
import { checkBorders } from "./support/borders.ts";

const report = await checkBorders({
  base: fileURLToPath(new URL("..", import.meta.url)),
  folders: ["gateway/src", "emulator/src"],
});

const byRule = Map.groupBy(report.violations, (violation) => violation.rule);
for (const [rule, violations] of byRule) {
  console.error(`\n${rule}: ${violations[0]?.comment ?? ""}`);
  for (const violation of violations) console.error(`  ${violation.from} → ${violation.to}`);
}
if (report.files === 0) console.error("no source files were found");
console.log(
  `${report.violations.length} border violations in ${report.files} files (${report.imports} imports, ${report.rules.length} rules)`,
);
process.exitCode = report.violations.length > 0 || report.files === 0 ? 1 : 0;
