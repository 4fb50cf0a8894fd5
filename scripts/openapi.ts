/**
 * `npm run openapi`: writes docs/openapi.json from the definitions of the admin API's routes. A test fails when the file
 * is not current.
 * @module
 */
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { contractRoutes, toOpenApi } from "../gateway/src/admin/openapi.ts";
import { root, run } from "./support/run.ts";

const file = join(root, "docs", "openapi.json");
await writeFile(file, JSON.stringify(toOpenApi()));
// The formatter has the last word on every file here.
const formatted = await run("oxfmt", [file], { timeoutMs: 60_000 });
if (!formatted.ok) process.stderr.write(formatted.text);
console.log(`docs/openapi.json: ${contractRoutes.length} operations`);
process.exitCode = formatted.ok ? 0 : 1;
