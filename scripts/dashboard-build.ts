/**
 * `npm run dashboard`: builds the dashboard into dashboard/dist, with `.br` and `.gz` beside the files. With
 * `--if-needed` only when its sources have changed since.
 * @module
 */
import { ensureDashboard } from "./support/dashboard.ts";

const force = !process.argv.includes("--if-needed");
const build = await ensureDashboard({ force, onBuild: () => console.error("building the dashboard …") });
if (build.ok) console.error(build.built ? "the dashboard is in dashboard/dist" : "the dashboard is up to date");
else console.error(`the dashboard could not be built: ${build.reason}`);
process.exitCode = build.ok ? 0 : 1;
