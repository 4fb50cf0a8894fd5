import { describe, expect, it } from "vitest";
import { createAdminWorld } from "../testkit/admin-world.ts";
import { parseKeys } from "../settings/keys.ts";
import { parseSettings } from "../settings/parse.ts";
import { settingsTable } from "../settings/table.ts";
import { redact } from "../vault/redact.ts";
import { toCapturedMessage } from "../hosts/capture-text.ts";

const log = (...x: unknown[]): void => console.log(...x);
const time = async (name: string, work: () => unknown): Promise<void> => {
  const at = performance.now();
  let out: unknown;
  try { out = await work(); } catch (e) { out = `THROWN ${String(e).slice(0,200)}`; }
  log(name, Math.round(performance.now() - at), "ms", typeof out === "string" ? out.slice(0, 300) : "");
};

describe("scratch", () => {
  it("audit floods", async () => {
    const world = await createAdminWorld();
    for (let i = 0; i < 200; i++) await world.request("DELETE", "/session", { as: "viewer-token" });
    for (let i = 0; i < 200; i++) await world.request("POST", "/session/password", { as: "viewer-token", body: { password: "x".repeat(12) } });
    log("audit lines by viewer token", (await world.store.administration.audit.list({ limit: 1000 })).length);
    await world.close();
  });
  it("numbers", async () => {
    const world = await createAdminWorld();
    const paths = [
      "/calls/histogram?sinceMs=0&untilMs=9007199254740991&bars=1", "/calls/histogram?sinceMs=0&untilMs=9007199254740991&bars=400",
      "/calls/histogram?sinceMs=9007199254740990&untilMs=9007199254740991&bars=400",
      "/calls/histogram?sinceMs=9007199254740000&untilMs=9007199254740991&bars=1&retried=true",
      "/calls?minCostUsd=1e300", "/calls?minMs=1e308", "/calls?minMs=Infinity", "/calls?minMs=NaN", "/calls?maxCostUsd=1e-300", "/calls?sinceMs=9007199254740991", "/calls?untilMs=9007199254740991&sinceMs=9007199254740991",
      "/calls?before=" + encodeURIComponent("\u0000"), "/calls?after=" + encodeURIComponent("\u0000"), "/calls?cursor=" + "d.".padEnd(400, "z"),
      "/usage/series?fromMs=0&toMs=4102444800000&interval=quarter-hour", "/usage/series?fromMs=0&toMs=32503680000000", "/usage/series?fromMs=0&toMs=2600000000000&interval=month&zone=Africa/Casablanca",
      "/usage/summary?fromMs=0&toMs=32503680000000", "/usage/breakdown?fromMs=0&toMs=32503680000000&by=model&clientId=%25", "/usage/summary?fromMs=5&toMs=3",
      "/usage/summary?fromMs=0&toMs=1&zone=" + encodeURIComponent("../../etc/passwd"), "/usage/summary?fromMs=0&toMs=1&zone=%2B25:99",
      "/credentials?tier=", "/credentials?limit=0x10", "/credentials?offset=9007199254740991", "/pool?search=" + "a".repeat(200), "/credentials?limit=-1", "/calls?limit=1e3",
      "/audit?cursor=%00", "/audit?limit=500&actor=%27%20or%201=1--", "/calls?model=%27;drop%20table%20calls", "/calls?__proto__=1", "/calls?constructor=1", "/stats?outcome=ok",
      "/pool/%2e%2e/cell?model=x", "/pool/__proto__/cell?model=__proto__", "/calls/constructor", "/clients/%F0%28%8C%28", "/clients/a%2Fb", "/calls/" + "x".repeat(5000),
      "/calls/export?zone=x", "/calls/tail?status=4xxx",
    ];
    for (const path of paths) await time(path.slice(0, 110), async () => { const a = await world.open("GET", path); const s = a.status; await a.body?.cancel(); return String(s) + (s === 500 ? JSON.stringify(world.logger.lines.at(-1)) : ""); });
    for (const body of [{ fromMs: 0, toMs: 9007199254740991, dryRun: true }, { fromMs: 9007199254740990, toMs: 9007199254740991, dryRun: true }])
      await time("reprice", async () => { const a = await world.request("POST", "/prices/reprice", { body }); return a.status + a.text; });
    await time("client expires", async () => { const a = await world.request("POST", "/clients", { body: { name: "x", expiresAt: 9007199254740991 } }); return a.status + a.text; });
    await time("many aliases", async () => { const a = await world.request("POST", "/clients", { body: { name: "y", aliases: Object.fromEntries(Array.from({ length: 40000 }, (_, i) => [`a${i}`, "gemini-x"])) } }); return a.status + a.text.slice(0, 100); });
    await time("many settings", async () => { const a = await world.request("PATCH", "/settings", { body: { changes: Object.fromEntries(Array.from({ length: 50000 }, (_, i) => [`A${i}`, "x"])), dryRun: true } }); return a.status + " len " + a.text.length; });
    await time("deep json", async () => {
      const headers = new Headers({ ...(await world.headersOf("admin-token")), "content-type": "application/json", host: "gateway.test" });
      const a = await world.app.fetch(new Request("https://gateway.test/admin/api/v1/clients", { method: "POST", headers, body: "[".repeat(400000) + "]".repeat(400000) }), { address: null, secure: true });
      return a.status + (await a.text()).slice(0, 100);
    });
    await world.close();
  }, 120000);
  it("parse times", async () => {
    const n = 4_000_000;
    const key = "AIzaSy0123456789abcdefghijklmnopqrstuvw";
    const texts: Record<string, string> = {
      brackets: "[".repeat(n), braces: '{"a":'.repeat(n / 5), spaces: "a" + " ".repeat(n - 2) + "b", hash: " #".repeat(n / 2), quotes: '"'.repeat(n), commas: "a,".repeat(n / 2),
      lines: "x\n".repeat(n / 2), labels: "a=b".repeat(n / 3), csvhead: "name,api_key\n" + 'a,"' + "x".repeat(n - 20), csvquotes: "name,api_key\n" + '"""'.repeat(n / 3 - 10), csvmany: "name,key,base_url\n" + "a,b,c\n".repeat(n / 6 - 10),
      keys: Array.from({ length: 100000 }, (_, i) => `AIzaSy${String(i).padStart(33, "0")}`).join("\n"), crs: "\r".repeat(n), nbsp: "\u00a0".repeat(n / 2) + "x", tick: "`".repeat(n - 1) + "x", csvcommas: "api_key" + ",".repeat(n - 10), export: "export ".repeat(n / 7),
      jsonkeys: JSON.stringify(Array.from({ length: 80000 }, (_, i) => ({ name: "x", key: `AIzaSy${String(i).padStart(33, "0")}` }))).slice(0, n), same: `${key}\n`.repeat(100000),
      proxies: JSON.stringify(Array.from({ length: 20000 }, (_, i) => ({ key: `AIzaSy${String(i).padStart(33, "0")}`, proxy: "http://u:p@h:1", base_url: "https://a.b" }))),
    };
    for (const [name, text] of Object.entries(texts)) await time(`parseKeys ${name}`, () => { const p = parseKeys(text.slice(0, n)); return `${p.keys.length} ${p.rejected.length}`; });
    const hostile = ["a".repeat(20000), ",".repeat(20000), "a=b,".repeat(5000), "{".repeat(20000), " ".repeat(20000), "1.".repeat(10000), "0".repeat(20000), "http://" + "a.".repeat(9000), "a|".repeat(10000), "-".repeat(20000), "::".repeat(10000), "\"".repeat(20000), "9".repeat(19999) + "m"];
    for (const row of settingsTable) {
      for (const value of hostile) {
        const at = performance.now();
        parseSettings({ [row.name]: value });
        const took = performance.now() - at;
        if (took > 30) log("setting", row.name, value.slice(0, 8), Math.round(took));
      }
    }
    const big = 524288;
    const bodies: Record<string, string> = { bearer: "bearer " + "+".repeat(big), token: ("token" + " ".repeat(100)).repeat(big / 105), key: "key=".repeat(big / 4), url: "a://".repeat(big / 4), url2: "abcdefghijklmnopqrstu://x".repeat(big / 25), begin: "-----BEGIN ".repeat(big / 11), begin2: "-----BEGIN PRIVATE KEY-----".repeat(big / 27), token2: "token".repeat(big / 5), "tok:": "token:".repeat(big / 6), apikey: "api_key:" + "a".repeat(big), apik2: ("api_key:" + "a".repeat(190)).repeat(big / 198), gp: "gp-".repeat(big / 3), eyj: "eyJ".repeat(big / 3), aiza: "AIza".repeat(big / 4), auth: "authorization: ".repeat(big / 15), cookie: ("cookie=" + " ".repeat(300)).repeat(big / 307), userinfo: ("http://" + "a".repeat(190) + ":").repeat(big / 198), spaces: "secret" + " ".repeat(big), basic: "authorization" + " ".repeat(big) };
    for (const [name, text] of Object.entries(bodies)) await time(`redact ${name}`, () => { redact(text); });
    const gap = toCapturedMessage({ headers: [], body: { bytes: new TextEncoder().encode(JSON.stringify({ a: "1\\/\\/0gabcdefghijklmnopqrstuvwxyz", b: "x" }).replaceAll("\\\\", "\\") + '{"k":"AIza\\u0053yD\\u002d1234567890abcdefghijklmnopqrst"}'), total: 100 } }, { side: "request", secrets: [] });
    log("gap", gap.body);
  }, 120000);
  it("imports with keys in names, loopback bases", async () => {
    const world = await createAdminWorld();
    const key = (i: number): string => `AIzaSy${String(i).padStart(33, "z")}`;
    const a = await world.request("POST", "/credentials/import", { body: { text: JSON.stringify([{ name: key(2), key: key(1) }, { name: "b", key: key(3), project: key(4) }, { name: "c", key: key(5), base_url: "http://127.0.0.1:9200" }, { name: "d", key: key(6), base_url: "https://169.254.169.254" }, { name: "e", key: key(7), proxy: "http://169.254.169.254" }]) } });
    log(a.text);
    log((await world.request("GET", "/credentials")).text);
    log((await world.request("GET", "/settings")).body.settings.filter((s: any) => s.value !== null).map((s: any) => `${s.name}=${s.value}`).join("; ").slice(0, 1500));
    await world.close();
  });
});
