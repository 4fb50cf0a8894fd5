/**
 * The borders between the parts (docs/architecture.md), checked by `npm run borders`. scripts/borders.test.ts proves that
 * every rule fires. Type-only imports count: a type that two parts need belongs in core/.
 *
 * TypeScript 7 has no compiler API, so the swc parser reads the sources.
 */

/** Folders that may use a runtime's own modules. hosts/fetch is portable: it has `fetch` and web streams only. */
const runtimeFolders = "^gateway/src/(hosts/(?!fetch/)|cli/|storage/drivers/|coordination/drivers/)";
/** Tests and what only tests use. */
const testFiles = "(\\.test\\.ts$|\\.test-d\\.ts$|^gateway/src/testkit/)";
/** src/index.ts and its neighbours: what package.json exports. */
const packageEntries = "^gateway/src/[^/]+\\.ts$";
/** Packages that touch no runtime. An allow-list: whoever adds one has to think about Workers. */
const portablePackages = "(^|/)node_modules/(kysely|lru-cache|zod|hono|eventsource-parser)/";

/** Parts that know nothing of each other; `call` joins them. */
const joinedParts = ["pool", "clients", "ledger", "vault"];

/** @type {import("dependency-cruiser").IConfiguration} */
module.exports = {
  forbidden: [
    {
      name: "no-cycles",
      comment: "Files that import each other in a circle cannot be understood, tested or loaded alone.",
      severity: "error",
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ["type-only"] } },
    },
    {
      name: "no-type-cycles",
      comment:
        "A circle closed by a type is harmless to load and just as hard to understand: the type wants its own file.",
      severity: "error",
      from: {},
      to: { circular: true, via: { dependencyTypes: ["type-only"] } },
    },
    {
      name: "no-runtime-modules-in-core-folders",
      comment: "Everything but hosts, cli and drivers runs on every platform: no node:*, bun:*, cloudflare:*.",
      severity: "error",
      from: { path: "^gateway/src/", pathNot: [runtimeFolders, testFiles] },
      to: { dependencyTypes: ["core"] },
    },
    {
      name: "no-platform-schemes-in-core-folders",
      comment: "As above, for the schemes that Node does not know.",
      severity: "error",
      from: { path: "^gateway/src/", pathNot: [runtimeFolders, testFiles] },
      to: { path: "^(node|bun|cloudflare|deno|workerd):" },
    },
    {
      name: "portable-packages-only-in-core-folders",
      comment: "Packages such as undici belong behind a port, in a host or a driver.",
      severity: "error",
      from: { path: "^gateway/src/", pathNot: [runtimeFolders, testFiles] },
      to: { pathNot: ["^\\.", "^gateway/src/", portablePackages], dependencyTypesNot: ["core", "local"] },
    },
    {
      name: "drivers-are-chosen-by-hosts",
      comment:
        "A driver needs its runtime, and so does whatever imports it: hosts, the command line and other drivers may.",
      severity: "error",
      from: { path: "^gateway/src/", pathNot: [runtimeFolders, testFiles] },
      to: { path: "^gateway/src/(storage|coordination)/drivers/" },
    },
    {
      name: "core-imports-only-core",
      comment: "core/ is the bottom: every other part may import it, so it imports none, and no package.",
      severity: "error",
      from: { path: "^gateway/src/core/", pathNot: testFiles },
      to: { pathNot: "^gateway/src/core/" },
    },
    ...joinedParts.map((part) => ({
      name: `${part}-stands-alone`,
      comment: "pool, clients, ledger and vault do not import each other: call joins them.",
      severity: "error",
      from: { path: `^gateway/src/${part}/`, pathNot: testFiles },
      to: { path: `^gateway/src/(${joinedParts.filter((other) => other !== part).join("|")})/` },
    })),
    {
      name: "dialects-stand-alone",
      comment: "What two dialects share is the Gemini shape in the middle, not each other's files.",
      severity: "error",
      from: { path: "^gateway/src/dialects/([^/]+)/", pathNot: testFiles },
      to: { path: "^gateway/src/dialects/[^/]+/", pathNot: "^gateway/src/dialects/$1/" },
    },
    {
      name: "translation-knows-no-dialect",
      comment: "The shape in the middle is what dialects share; it knows none of them, nor the call.",
      severity: "error",
      from: { path: "^gateway/src/translation/", pathNot: testFiles },
      to: { path: "^gateway/src/", pathNot: "^gateway/src/(translation|core)/" },
    },
    {
      name: "backends-stand-alone",
      comment: "A backend can be deleted without touching another.",
      severity: "error",
      from: { path: "^gateway/src/backends/([^/]+)/", pathNot: testFiles },
      to: { path: "^gateway/src/backends/[^/]+/", pathNot: "^gateway/src/backends/$1/" },
    },
    {
      name: "dialects-and-backends-apart",
      comment: "A dialect faces the client, a backend faces the upstream; call joins them.",
      severity: "error",
      from: { path: "^gateway/src/(dialects|backends)/", pathNot: testFiles },
      to: { path: "^gateway/src/(dialects|backends)/", pathNot: "^gateway/src/$1/" },
    },
    {
      name: "nothing-imports-hosts",
      comment:
        "Hosts are wiring at the outermost edge: only hosts, the command line, tests and package entries see them.",
      severity: "error",
      from: { path: "^(gateway|emulator)/", pathNot: ["^gateway/src/(hosts|cli)/", packageEntries, testFiles] },
      to: { path: "^gateway/src/hosts/" },
    },
    {
      name: "portable-hosts-stand-alone",
      comment:
        "Workers and plain fetch must not drag in what only Node and Bun have. Bytes and digests run on nodejs_compat.",
      severity: "error",
      from: { path: "^gateway/src/hosts/(fetch|cloudflare)/", pathNot: testFiles },
      to: { path: "^gateway/src/hosts/(node|bun)/", pathNot: "^gateway/src/hosts/node/(bytes|ports)\\.ts$" },
    },
    {
      name: "nothing-imports-cli",
      comment: "The command line uses the gateway, never the other way round.",
      severity: "error",
      from: { path: "^(gateway|emulator)/src/", pathNot: ["^gateway/src/cli/", testFiles] },
      to: { path: "^gateway/src/cli/" },
    },
    {
      name: "sources-never-import-tests",
      comment: "What is published must not need the testkit, a test file, the emulator or the benchmark.",
      severity: "error",
      from: { path: "^gateway/src/", pathNot: testFiles },
      to: { path: ["\\.test\\.ts$", "^gateway/src/testkit/", "^(emulator|bench|runtime-tests|scripts)/"] },
    },
    {
      name: "emulator-stands-alone",
      comment: "An emulator that shared the gateway's code would share its mistakes.",
      severity: "error",
      from: { path: "^emulator/src/", pathNot: "\\.test\\.ts$" },
      to: { path: "^(gateway|bench|runtime-tests|scripts)/" },
    },
  ],
  options: {
    parser: "swc",
    tsPreCompilationDeps: true,
    doNotFollow: { path: "node_modules" },
    exclude: { path: "/(dist|\\.tools)/" },
    enhancedResolveOptions: {
      extensions: [".ts", ".js", ".mjs", ".cjs", ".json"],
      exportsFields: ["exports"],
      conditionNames: ["import", "node", "default", "types"],
    },
  },
};
