/**
 * What can be checked over the network: the upstream, the clock, this machine's location, and a running gateway.
 * @module
 */
import type { Settings } from "../../settings/types.ts";
import { checkKey } from "../check-key.ts";
import type { KeyCheck } from "../check-key.ts";
import { wordsOf } from "../failure.ts";
import type { KeyView } from "../key-views.ts";
import { toSpan } from "../moments.ts";
import { finding } from "./finding.ts";
import type { Finding } from "./finding.ts";

/** Cooldowns until midnight and expiries are wrong by as much as the clock is. */
const skewWarnMs = 30_000;
const skewFailMs = 5 * 60_000;

/**
 * The upstream: reachable without a key, the clock against its `date` header, and with the first usable key whether this
 * machine's location is served.
 * @param baseUrl of the native API
 * @param keys all keys
 */
export async function checkUpstream(baseUrl: string, keys: readonly KeyView[]): Promise<Finding[]> {
  const bare = await checkKey({ baseUrl, secret: null });
  const receivedAt = Date.now();
  if (bare.status === null)
    return [
      finding(
        "fail",
        "upstream",
        `${baseUrl} cannot be reached: ${bare.words ?? ""}`,
        "Check the network, name resolution and firewalls; GOOGLE_GEMINI_API_BASE_URL when it is set.",
      ),
    ];
  const findings = [
    bare.status >= 500
      ? finding(
          "warn",
          "upstream",
          `${baseUrl} answers with status ${bare.status}`,
          "Google may have a fault; try again later.",
        )
      : finding("ok", "upstream", `${baseUrl} answers within ${bare.ms} ms`),
    clockFinding(bare, receivedAt),
  ];
  const key = keys.find((candidate) => candidate.enabled && candidate.secret !== null);
  if (key !== undefined) findings.push(locationFinding(key, await checkKey({ baseUrl, secret: key.secret })));
  return findings;
}

/**
 * Whether a gateway answers where this configuration puts one.
 * @param settings HOST and PORT
 */
export async function checkGateway(settings: Pick<Settings, "host" | "port">): Promise<Finding> {
  if (settings.port === 0) return finding("info", "gateway", "PORT is 0: the port is chosen at each start");
  const host = ["0.0.0.0", "::", ""].includes(settings.host) ? "127.0.0.1" : settings.host;
  const url = `http://${host.includes(":") ? `[${host}]` : host}:${settings.port}`;
  try {
    const response = await fetch(`${url}/health`, { signal: AbortSignal.timeout(3000) });
    const health = (await response.json().catch(() => null)) as { status?: unknown } | null;
    if (typeof health?.status !== "string")
      return finding("warn", "gateway", `something else answers on ${url}`, "Stop it, or choose another PORT.");
    return health.status === "healthy"
      ? finding("ok", "gateway", `runs on ${url} and is healthy`)
      : finding(
          "warn",
          "gateway",
          `runs on ${url} and says '${health.status}'`,
          "See its log, and the other lines of this list.",
        );
  } catch (error) {
    const words = wordsOf(error);
    return words.includes("ECONNREFUSED")
      ? finding("info", "gateway", `none runs on ${url}`)
      : finding(
          "warn",
          "gateway",
          `${url} does not answer: ${words}`,
          "See whether the process hangs or another one has the port.",
        );
  }
}

// --- helpers ---

function clockFinding(check: KeyCheck, receivedAt: number): Finding {
  if (check.dateMs === null) return finding("info", "clock", "the upstream does not tell its time");
  // The header has whole seconds and was written somewhere within the exchange.
  const skew = receivedAt - check.dateMs;
  const size = Math.max(0, Math.abs(skew) - check.ms - 1000);
  const detail = `${toSpan(Math.abs(skew))} ${skew > 0 ? "ahead of" : "behind"} the upstream's`;
  if (size > skewFailMs)
    return finding("fail", "clock", detail, "Set the clock (NTP): cooldowns, expiries and TLS depend on it.");
  return size > skewWarnMs
    ? finding("warn", "clock", detail, "Set the clock (NTP).")
    : finding("ok", "clock", "agrees with the upstream's");
}

function locationFinding(key: KeyView, check: KeyCheck): Finding {
  switch (check.result) {
    case "ok":
    case "limited":
      return finding("ok", "location", `served from here, asked with key '${key.name}'`);
    case "location":
      return finding(
        "fail",
        "location",
        `Google does not serve this machine's location: ${check.words ?? ""}`,
        "Run the gateway in a region that Google serves, or point GOOGLE_GEMINI_API_BASE_URL at a relay there.",
      );
    case "invalid":
    case "blocked":
      return finding(
        "warn",
        "location",
        `not known: key '${key.name}' is ${check.result} (${check.words ?? ""})`,
        "See 'gemini-proxy keys check'.",
      );
    case "unreachable":
      return finding("warn", "location", `not known: ${check.words ?? "no answer"}`);
  }
}
