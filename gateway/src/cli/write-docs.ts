/**
 * `npm run docs`: writes the pages that are made from tables in the code. Tests fail when a page is not current.
 * @module
 */
import { writeFileSync } from "node:fs";
import { toVerdictsPage } from "../call/verdict/document.ts";
import { toConfigurationPage } from "../settings/document.ts";

const docs = new URL("../../../docs/", import.meta.url);
writeFileSync(new URL("configuration.md", docs), toConfigurationPage());
writeFileSync(new URL("verdicts.md", docs), toVerdictsPage());
