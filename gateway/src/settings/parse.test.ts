import { describe, expect, it } from "vitest";
import { parseSettings } from "./parse.ts";
import { settingsTable } from "./table.ts";

const key = (name: string): string => `AIzaSy${name.padEnd(33, "x")}`;
const messages = (environment: Record<string, string>): string[] =>
  parseSettings(environment).problems.map((problem) => problem.message);

describe("parseSettings", () => {
  it("gives defaults for an empty environment, without problems or warnings", () => {
    const { settings, problems, warnings, sources } = parseSettings({});
    expect({ problems, warnings, sources: sources.size }).toEqual({ problems: [], warnings: [], sources: 0 });
    expect(settings).toMatchObject({
      host: "127.0.0.1",
      port: 8787,
      dataDir: "./data",
      geminiBaseUrl: "https://generativelanguage.googleapis.com",
      openaiBaseUrl: "https://generativelanguage.googleapis.com/v1beta/openai",
      strategy: "round_robin",
      maxRetries: -1,
      connectTimeoutMs: 10_000,
      firstByteTimeoutMs: 600_000,
      idleTimeoutMs: 300_000,
      maxBodyBytes: 104_857_600,
      maxHeaderBytes: 65_536,
      maxReplayBytes: 33_554_432,
      corsOrigins: ["*"],
      ledger: true,
      openMode: false,
      encryptionKey: null,
      adminToken: null,
      credentials: [],
      proxyApiKeys: [],
    });
  });

  it("has a row in the table for every field, and a field for every row", () => {
    const fields = Object.keys(parseSettings({}).settings);
    const rows = new Set(settingsTable.map((row) => row.field).filter((field) => field !== null));
    expect([...rows].sort()).toEqual(fields.sort());
    expect(settingsTable.filter((row) => row.help === "").map((row) => row.name)).toEqual([]);
  });

  it("names all problems at once and shows no secret", () => {
    const text = JSON.stringify(
      messages({
        PORT: "70000",
        LOG_LEVEL: "loud",
        LEDGER: "perhaps",
        CONNECT_TIMEOUT_MS: "soon",
        MAX_BODY_BYTES: "10 bananas",
        RETRY_BUDGET: "150%",
        ADMIN_TOKEN: "hunter2",
        GEMINI_API_KEYS: `${key("a")},ya29.verysecretindeed`,
        GOOGLE_GEMINI_API_BASE_URL: "ftp://example.com",
        CORS_ORIGINS: "example.com",
      }),
    );
    for (const name of [
      "PORT",
      "LOG_LEVEL",
      "LEDGER",
      "CONNECT_TIMEOUT_MS",
      "MAX_BODY_BYTES",
      "RETRY_BUDGET",
      "ADMIN_TOKEN",
      "GEMINI_API_KEYS, entry 2",
      "GOOGLE_GEMINI_API_BASE_URL",
      "CORS_ORIGINS",
    ])
      expect(text).toContain(name);
    expect(text).not.toMatch(/hunter2|verysecret|AIza/);
    expect(text).toContain("expected a whole number, 0 to 65535, got 70000.");
  });

  it("reads the names of earlier proxies, and its own name first", () => {
    const environment = {
      API_PORT: "9090",
      PROXY_LOG_LEVEL: "WARN",
      PROXY_LOGGING_ENABLED: "false",
      PROXY_LOADBALANCE_STRATEGY: "sticky-until-error",
    };
    const { settings, sources } = parseSettings(environment);
    expect(settings).toMatchObject({ port: 9090, logLevel: "warn", ledger: false, strategy: "sticky_until_error" });
    expect(sources.get("PORT")).toEqual({ kind: "environment", variable: "API_PORT" });
    const both = parseSettings({ ...environment, PORT: "1234" });
    expect(both.settings.port).toBe(1234);
    expect(both.warnings).toEqual(["PORT and API_PORT are both set and differ; PORT is used."]);
  });

  it("lets flags outrank the environment", () => {
    const { settings, sources } = parseSettings({ PORT: "1" }, { overrides: { PORT: "2", HOST: undefined } });
    expect(settings.port).toBe(2);
    expect(sources.get("PORT")?.kind).toBe("flag");
    expect(sources.has("HOST")).toBe(false);
  });

  it("gathers keys of all variables and the key file, each once, with unique names", () => {
    const files: Record<string, string> = { "gemini.keys": `# file\n${key("d")}\n${key("a")}` };
    const { settings, warnings, problems } = parseSettings(
      {
        GEMINI_API_KEY: key("a"),
        GEMINI_API_KEYS: `${key("b")},${key("a")}`,
        API_KEYS: JSON.stringify([{ name: "env-1", key: key("c") }]),
      },
      { readFile: (path) => files[path] ?? null },
    );
    expect(problems).toEqual([]);
    expect(settings.credentials).toEqual([
      { name: "env-1", secret: key("a") },
      { name: "env-2", secret: key("b") },
      { name: "env-1-2", secret: key("c") },
      { name: "env-4", secret: key("d") },
    ]);
    expect(warnings).toHaveLength(2);
    expect(warnings.join()).not.toContain("AIza");
  });

  it("gives single keys what their entries carry, and lets ALLOW_INSECURE_UPSTREAM decide on plain http", () => {
    const entry = {
      name: "a",
      key: key("a"),
      tier: 1,
      plan: "free",
      proxy: "http://proxy:3128",
      project: "p",
      weight: 2,
    };
    const { settings, problems } = parseSettings({ GEMINI_API_KEYS: JSON.stringify([entry]) });
    expect(problems).toEqual([]);
    expect(settings.credentials).toEqual([
      {
        name: "a",
        secret: key("a"),
        tier: 1,
        quotaTier: "free",
        proxy: "http://proxy:3128",
        projectId: "p",
        weight: 2,
      },
    ]);
    const plain = JSON.stringify([{ key: key("a"), baseUrl: "http://gw.example" }]);
    expect(messages({ API_KEYS: plain })).toEqual([expect.stringContaining("API_KEYS, entry 1: has a wrong base URL")]);
    expect(messages({ API_KEYS: plain, ALLOW_INSECURE_UPSTREAM: "on" })).toEqual([]);
    expect(messages({ API_KEYS: plain, ALLOW_INSECURE_UPSTREAM: "perhaps" })).toHaveLength(2);
  });

  it("names what is wrong with structured settings, without showing a proxy's password", () => {
    const text = JSON.stringify(
      messages({
        OUTBOUND_PROXY: "ftp://me:hunter2@proxy",
        QUOTA_LIMITS: '{"free": {"*": {"rpm": -1}}}',
        MODEL_ALIASES: "fast",
        MODEL_FALLBACKS: "a=a",
        PUBLIC_URL: "gw.example",
        LIMIT_TIME_ZONE: "Mars/Olympus",
        TRUSTED_PROXIES: "10.0.0.0/8, everyone",
        DISABLE_SHARE: "0",
      }),
    );
    for (const name of ["OUTBOUND_PROXY", "QUOTA_LIMITS", "MODEL_ALIASES", "MODEL_FALLBACKS", "PUBLIC_URL"])
      expect(text).toContain(name);
    for (const name of ["LIMIT_TIME_ZONE", "TRUSTED_PROXIES", "DISABLE_SHARE"]) expect(text).toContain(name);
    expect(text).not.toContain("hunter2");
  });

  it("refuses a key file that is named but not there, and reads secrets from files", () => {
    const readFile = (path: string): string | null => (path === "/run/token" ? "0123456789abcdef\n" : null);
    const { settings, problems } = parseSettings(
      { GEMINI_API_KEYS_FILE: "/nowhere", ADMIN_TOKEN_FILE: "/run/token", PROXY_API_KEY_FILE: "/gone" },
      { readFile },
    );
    expect(settings.adminToken).toBe("0123456789abcdef");
    expect(problems.map((problem) => problem.variable).sort()).toEqual(["GEMINI_API_KEYS_FILE", "PROXY_API_KEY_FILE"]);
  });

  it("splits client keys and warns about those that can be guessed", () => {
    const { settings, warnings } = parseSettings({ PROXY_API_KEY: "a-long-enough-client-key, short,short" });
    expect(settings.proxyApiKeys).toEqual(["a-long-enough-client-key", "short"]);
    expect(warnings[0]).toContain("entry 2, has only 5 characters");
    expect(messages({ PROXY_API_KEY: "with blank inside" })).toHaveLength(1);
  });

  it("warns about variables that nobody reads and about near misses", () => {
    const { warnings } = parseSettings({
      SUPABASE_URL: "https://x.supabase.co",
      PROXY_MAX_RETIRES: "3",
      GOOGLE_GEMINI_BASE_URL: "http://x",
      PATH: "/bin",
    });
    expect(warnings).toEqual([
      expect.stringContaining("SUPABASE_URL has no effect here."),
      "PROXY_MAX_RETIRES is not a setting. Is PROXY_MAX_RETRIES meant?",
    ]);
  });
});

describe("upstream bases", () => {
  const base = (environment: Record<string, string>): string[] => {
    const { settings } = parseSettings(environment);
    return [settings.geminiBaseUrl, settings.openaiBaseUrl];
  };

  it("drops trailing slashes and the version, and derives the OpenAI base", () => {
    expect(base({ GEMINI_UPSTREAM_URL: "https://gw.example/google/v1beta/" })).toEqual([
      "https://gw.example/google",
      "https://gw.example/google/v1beta/openai",
    ]);
    expect(base({ GOOGLE_GEMINI_API_BASE_URL: "https://gateway.example/v1/account/google-ai-studio/" })[0]).toBe(
      "https://gateway.example/v1/account/google-ai-studio",
    );
    expect(base({ OPENAI_UPSTREAM_URL: "https://o.example/v1beta/openai/" })).toEqual([
      "https://generativelanguage.googleapis.com",
      "https://o.example/v1beta/openai",
    ]);
  });

  it("takes plain http on this machine only, unless it is allowed", () => {
    for (const host of ["localhost:1", "127.0.0.1:9", "[::1]:2", "a.localhost"])
      expect(messages({ GOOGLE_GEMINI_API_BASE_URL: `http://${host}` })).toEqual([]);
    expect(messages({ GOOGLE_GEMINI_API_BASE_URL: "http://gw.example" })[0]).toContain("ALLOW_INSECURE_UPSTREAM=on");
    expect(messages({ GOOGLE_GEMINI_API_BASE_URL: "http://127.0.0.1.example.com" })).toHaveLength(1);
    expect(base({ GOOGLE_GEMINI_API_BASE_URL: "http://gw.example", ALLOW_INSECURE_UPSTREAM: "on" })[0]).toBe(
      "http://gw.example",
    );
  });

  it("refuses user names, queries and what is no URL, without showing it", () => {
    for (const text of ["https://user:hunter2@gw.example", "https://gw.example?key=hunter2", "hunter2"]) {
      const [message, ...more] = messages({ GOOGLE_OPENAI_API_BASE_URL: text });
      expect(more).toEqual([]);
      expect(message).not.toContain("hunter2");
    }
  });
});
