import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { parseSettings } from "./parse.ts";
import { retiredVariables, settingsTable } from "./table.ts";

const page = readFileSync(new URL("../../../docs/code-assist.md", import.meta.url), "utf8");
const section = page.slice(page.indexOf("## Variables of the earlier proxy"));
const rows = [...section.matchAll(/^\| (`.+`) \| (works|gone)(.*) \|$/gm)].flatMap(
  ([, names = "", state = "", more = ""]) =>
    [...names.matchAll(/`(\w+)`/g)].map(([, name = ""]) => ({ name, state, more })),
);
const settings = new Set(settingsTable.flatMap(({ name, aliases }) => [name, ...aliases]));
/** Common names of other programs: a warning about them would be noise. */
const common = new Set(["ENVIRONMENT"]);

/** What the earlier proxy read, declared, or named in its documentation (fact sheet compatibility, inventory of E). */
const earlier =
  "GCP_SERVICE_ACCOUNT GEMINI_PROJECT_ID TOKEN_REFRESH_BUFFER_MINUTES CIRCUIT_BREAKER_THRESHOLD CIRCUIT_BREAKER_TIMEOUT_MS ENABLE_CONNECTION_POOLING MAX_CONCURRENT_REQUESTS ENABLE_REQUEST_DEDUPLICATION CACHE_PROJECT_ID_TTL_HOURS ENABLE_CIRCUIT_BREAKER CONNECTION_POOLING_STRATEGY MAX_CONNECTIONS KEEP_ALIVE_TIMEOUT_MS ENABLE_MODEL_NAME_CACHING CACHING_STRATEGY CACHE_TTL_MULTIPLIER ENABLE_RETRY_LOGIC RETRY_STRATEGY MAX_RETRY_ATTEMPTS RETRY_BASE_DELAY_MS ENABLE_RETRY_JITTER ENABLE_OPTIMIZED_PARSING ENABLE_ZERO_COPY_STREAMING STREAMING_BUFFER_SIZE ENABLE_COMPRESSION ENABLE_METRICS ENABLE_DETAILED_LOGGING ENABLE_PERFORMANCE_TRACKING ENABLE_ERROR_TRACKING ENVIRONMENT PERFORMANCE_MODE CONNECTION_TIMEOUT_MS TOKEN_CACHE_TTL_HOURS VALIDATE_TOKENS_BEFORE_USE PROJECT_ID_CACHE_TTL_HOURS ENABLE_MODEL_NAME_CACHE REQUEST_DEDUP_WINDOW_MS CIRCUIT_BREAKER_FAILURE_THRESHOLD RETRY_MAX_DELAY_MS".split(
    " ",
  );

describe("variables of the earlier Code Assist proxy", () => {
  it("stand in docs/code-assist.md, each once", () => {
    expect(rows.map(({ name }) => name).toSorted()).toEqual(earlier.toSorted());
  });

  it.each(rows)("$name $state, as the page says", ({ name, state }) => {
    expect({ isSetting: settings.has(name), isRetired: name in retiredVariables || common.has(name) }).toEqual(
      state === "works" ? { isSetting: true, isRetired: false } : { isSetting: false, isRetired: true },
    );
  });

  it("are answered with names of settings that exist", () => {
    for (const { more } of rows)
      for (const [, name = ""] of more.matchAll(/`(\w+)`/g)) expect(settings, more).toContain(name);
    for (const [name, advice] of Object.entries(retiredVariables))
      for (const [word] of advice.matchAll(/\b[A-Z]+(?:_[A-Z]+)+\b/g)) expect(settings, name).toContain(word);
  });

  it("that are gone are warned about when they are set, and stop no start", () => {
    const { warnings, problems } = parseSettings({ MAX_RETRY_ATTEMPTS: "3", ENABLE_CIRCUIT_BREAKER: "true" });
    expect(problems).toEqual([]);
    expect(warnings.join("\n")).toContain("TRANSIENT_RETRIES");
    expect(warnings.join("\n")).toContain("ENABLE_CIRCUIT_BREAKER has no effect here");
  });
});
