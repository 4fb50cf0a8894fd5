import { expect, test } from "vitest";
import { isSettingsRefused } from "../admin/settings-refused.ts";
import { formatSetting } from "../settings/format.ts";
import { parseSettings } from "../settings/parse.ts";
import { settingsTable } from "../settings/table.ts";
import { createKeptLogger } from "../testkit/simulated.ts";
import { createSettingsControl, type SettingsHost } from "./settings-control.ts";

test("a flag outranks the environment, which outranks what is stored, which outranks the default", () => {
  const { control } = setUp({
    flags: { LOG_LEVEL: "error" },
    environment: { LOG_LEVEL: "warn", PROXY_LOG_LEVEL: "warn", API_PORT: "1234", RETENTION_DAYS: "7" },
    stored: { LOG_LEVEL: "debug", RETENTION_DAYS: "8", OWNER_WAIT_MS: "2s" },
  });
  expect(control.current).toMatchObject({ logLevel: "error", port: 1234, retentionDays: 7, ownerWaitMs: 2_000 });
  expect(stateOf(control, "LOG_LEVEL")).toMatchObject({ source: "flag", value: "error", stored: "debug" });
  expect(stateOf(control, "PORT")).toMatchObject({ source: "environment", value: "1234", stored: null });
  expect(stateOf(control, "RETENTION_DAYS")).toMatchObject({ source: "environment", value: "7", stored: "8" });
  expect(stateOf(control, "OWNER_WAIT_MS")).toMatchObject({ source: "stored", value: "2s", stored: "2s" });
  expect(stateOf(control, "CORS_ORIGINS")).toMatchObject({ source: "default", value: "*", stored: null });
});

test("an alias in the environment outranks what is stored under the first name", () => {
  const { control } = setUp({ environment: { PROXY_LOG_LEVEL: "warn" }, stored: { LOG_LEVEL: "debug" } });
  expect(control.current.logLevel).toBe("warn");
});

test("stored values that cannot be used are logged and ignored, and keep nothing from starting", () => {
  const { control, lines } = setUp({
    stored: {
      OWNER_WAIT_MS: "soon",
      GONE: "1",
      OPEN_MODE: "on",
      PORT: "1",
      ADMIN_TOKEN: "0123456789abcdef",
      LIVE: "off",
    },
  });
  expect(control.current).toMatchObject({
    ownerWaitMs: 10_000,
    openMode: false,
    port: 8787,
    adminToken: null,
    live: false,
  });
  expect(lines.map(({ event }) => event)).toEqual(Array(5).fill("setting.ignored"));
  expect(JSON.stringify(lines)).not.toContain("0123456789abcdef");
  expect(stateOf(control, "OWNER_WAIT_MS")).toMatchObject({ source: "default", stored: "soon" });
  expect(stateOf(control, "ADMIN_TOKEN")).toMatchObject({ source: "default", value: null, stored: null });
});

test("a change is stored, in force in the same object, and told; null takes it back", async () => {
  const { control, saved, told } = setUp({});
  const { current } = control;
  expect(await control.change({ OWNER_WAIT_MS: "1s", LIVE: "on" }, false)).toEqual({
    changed: ["OWNER_WAIT_MS", "LIVE"],
    afterRestart: [],
    outranked: [],
  });
  expect(control.current).toBe(current);
  expect(current.ownerWaitMs).toBe(1_000);
  expect(saved).toEqual([{ OWNER_WAIT_MS: "1s", LIVE: "on" }]);
  // What has the value that it had already is no news.
  expect(told).toEqual([["ownerWaitMs"]]);
  expect(stateOf(control, "LIVE").source).toBe("stored");
  await control.change({ OWNER_WAIT_MS: null, LIVE: " " }, false);
  expect(current.ownerWaitMs).toBe(10_000);
  expect(saved[1]).toEqual({ OWNER_WAIT_MS: null, LIVE: null });
  expect(stateOf(control, "OWNER_WAIT_MS")).toMatchObject({ source: "default", stored: null });
  expect(await control.change({ OWNER_WAIT_MS: null }, false)).toMatchObject({ changed: [] });
  expect(saved).toHaveLength(2);
});

test("a dry run tells the same and changes nothing", async () => {
  const { control, saved, told } = setUp({ environment: { LIVE: "on" } });
  const changes = { OWNER_WAIT_MS: "1s", KEEP_UPLOADS: "on", LIVE: "off" };
  const expected = {
    changed: ["OWNER_WAIT_MS", "KEEP_UPLOADS", "LIVE"],
    afterRestart: ["KEEP_UPLOADS"],
    outranked: ["LIVE"],
  };
  expect(await control.change(changes, true)).toEqual(expected);
  expect([saved, told, control.current.ownerWaitMs]).toEqual([[], [], 10_000]);
  expect(await control.change(changes, false)).toEqual(expected);
  // Stored, and from the next start on in force.
  expect(control.current).toMatchObject({ keepUploads: false, live: true });
  expect(stateOf(control, "KEEP_UPLOADS")).toMatchObject({ source: "default", value: "off", stored: "on" });
});

test("every wrong value is named, and none is stored with it", async () => {
  const { control, saved } = setUp({});
  const changes = {
    OWNER_WAIT_MS: "1s",
    RETRY_BUDGET: "much",
    GOOGLE_GEMINI_API_BASE_URL: "https://evil.example",
    OUTBOUND_PROXY: null,
    NO_SUCH: "1",
    METRICS_TOKEN: "0123456789abcdef",
  };
  const error: unknown = await control.change(changes, false).catch((one: unknown) => one);
  if (!isSettingsRefused(error)) throw new Error("not refused");
  expect(error.problems.map(({ name }) => name)).toEqual(Object.keys(changes).slice(1));
  expect(error.message).not.toMatch(/0123456789abcdef|evil/);
  expect([saved, control.current.ownerWaitMs]).toEqual([[], 10_000]);
});

test("what cannot be written is not in force", async () => {
  const { control, told } = setUp({ save: () => Promise.reject(new Error("disk full")) });
  await expect(control.change({ OWNER_WAIT_MS: "1s" }, false)).rejects.toThrow("disk full");
  expect([control.current.ownerWaitMs, told, stateOf(control, "OWNER_WAIT_MS").stored]).toEqual([10_000, [], null]);
});

test("changes that overlap are made one after the other", async () => {
  const { control, saved } = setUp({});
  await Promise.all([
    control.change({ OWNER_WAIT_MS: "1s" }, false),
    control.change({ OWNER_WAIT_MS: "2s" }, false),
    control.change({ OWNER_WAIT_MS: "2s" }, false),
  ]);
  expect(saved).toEqual([{ OWNER_WAIT_MS: "1s" }, { OWNER_WAIT_MS: "2s" }]);
  expect(control.current.ownerWaitMs).toBe(2_000);
});

test("reload takes up what another process stored: hot ones at once, wrong ones not at all", async () => {
  const kept: Record<string, string> = {};
  const { control, told, lines } = setUp({ environment: { LIVE: "on" }, read: async () => kept });
  Object.assign(kept, { OWNER_WAIT_MS: "3s", KEEP_UPLOADS: "on", RETRY_BUDGET: "much", LIVE: "off" });
  expect(await control.reload()).toEqual(["OWNER_WAIT_MS"]);
  expect(control.current).toMatchObject({ ownerWaitMs: 3_000, keepUploads: false, retryBudget: 0.2, live: true });
  expect(told).toEqual([["ownerWaitMs"]]);
  expect(lines).toHaveLength(1);
  expect(await control.reload()).toEqual([]);
  delete kept["OWNER_WAIT_MS"];
  expect(await control.reload()).toEqual(["OWNER_WAIT_MS"]);
  expect(control.current.ownerWaitMs).toBe(10_000);
});

test("no secret and nothing that says where keys go can be stored, nor what opens the gateway", () => {
  const closed = settingsTable.filter(({ readOnly }) => readOnly).map(({ name }) => name);
  for (const row of settingsTable)
    if (row.secret || ["url", "proxy", "keys", "path"].includes(row.kind)) expect(closed).toContain(row.name);
  expect(closed).toEqual(expect.arrayContaining(["OPEN_MODE", "ALLOW_INSECURE_UPSTREAM", "HOST", "PORT"]));
  expect(settingsTable.filter((row) => row.readOnly && row.hot)).toEqual([]);
});

test("secrets are told as set or not, never as text", () => {
  const { control } = setUp({
    environment: {
      ADMIN_TOKEN: "0123456789abcdef",
      PROXY_API_KEY: "gp-0123456789abcdef",
      GEMINI_API_KEY: "AIzaSyAbcdefghijk",
    },
  });
  expect(stateOf(control, "ADMIN_TOKEN")).toMatchObject({ value: "set", secret: true, readOnly: true });
  expect(stateOf(control, "PROXY_API_KEY").value).toBe("set");
  expect(stateOf(control, "METRICS_TOKEN").value).toBeNull();
  expect(JSON.stringify(control.list())).not.toMatch(/0123456789abcdef|AIzaSyA/);
});

test("every value in force is shown as text that reads back as the same value", () => {
  const environment = {
    CORS_ORIGINS: "none",
    TRUSTED_PROXIES: "10.0.0.0/8, 2001:db8::/32",
    MODEL_ALIASES: '{"fast":"gemini-3.8-flash","best":"gemini-4-neon"}',
    MODEL_FALLBACKS: "a=b|c, d=e",
    QUOTA_LIMITS: '{"free":{"*":{"rpm":10,"rpd":null}}}',
    RETRY_BUDGET: "12.5%",
    MAX_BODY_BYTES: "1500",
    OWNER_WAIT_MS: "1500",
    IDLE_TIMEOUT_MS: "90s",
    LIVE: "no",
    PUBLIC_URL: "https://gate.example/x/",
  };
  for (const given of [{}, environment]) {
    const { settings } = parseSettings(given);
    for (const row of settingsTable) {
      if (row.field === null || row.readOnly) continue;
      const text = formatSetting(row, settings);
      const again = parseSettings(text === null ? {} : { [row.name]: text });
      expect([row.name, again.problems, again.settings[row.field]]).toEqual([row.name, [], settings[row.field]]);
      if (!(row.name in given)) expect([row.name, text]).toEqual([row.name, row.default]);
    }
  }
});

// --- helpers ---

function setUp(options: {
  flags?: Record<string, string>;
  environment?: Record<string, string>;
  stored?: Record<string, string>;
  save?: () => Promise<void>;
  read?: () => Promise<Record<string, string>>;
}): {
  control: SettingsHost;
  saved: unknown[];
  told: string[][];
  lines: ReturnType<typeof createKeptLogger>["lines"];
} {
  const logger = createKeptLogger();
  const saved: unknown[] = [];
  const told: string[][] = [];
  const { settings, sources } = parseSettings(options.environment ?? {}, { overrides: options.flags ?? {} });
  const control = createSettingsControl({
    settings,
    sources,
    stored: options.stored ?? {},
    save: options.save ?? (async (changes) => void saved.push(changes)),
    read: options.read ?? (async () => ({})),
    logger,
  });
  control.listen((changed) => told.push([...changed]));
  return { control, saved, told, lines: logger.lines };
}

function stateOf(control: SettingsHost, name: string): ReturnType<SettingsHost["list"]>[number] {
  const state = control.list().find((one) => one.name === name);
  if (state === undefined) throw new Error(name);
  return state;
}
