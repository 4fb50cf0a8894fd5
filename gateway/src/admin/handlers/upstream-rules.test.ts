import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { allowBaseUrl, allowProxy } from "./upstream-rules.ts";

const settings = { allowInsecureUpstream: false, geminiBaseUrl: "https://generativelanguage.googleapis.com" };
const base = (text: string, more: Partial<typeof settings> = {}): boolean =>
  allowBaseUrl(text, { ...settings, ...more }).ok;

const innerHosts = [
  "localhost",
  "localhost.",
  "api.localhost",
  "127.0.0.1",
  "127.1",
  "2130706433",
  "0x7f.0.0.1",
  "0177.0.0.1",
  "0.0.0.0",
  "10.1.2.3",
  "100.64.0.1",
  "169.254.169.254",
  "172.31.255.255",
  "192.168.0.1",
  "198.18.0.1",
  "224.0.0.1",
  "255.255.255.255",
  "[::1]",
  "[::]",
  "[::ffff:127.0.0.1]",
  "[::ffff:a9fe:a9fe]",
  "[::7f00:1]",
  "[fe80::1]",
  "[fd00:ec2::254]",
  "[ff02::1]",
  "[64:ff9b::7f00:1]",
  "[2002:7f00:1::]",
  "[2001:0:7f00:1::]",
  "[2001:db8::1]",
  "metadata.google.internal",
  "redis",
  "printer.local",
  "nas.lan",
  "gw.home.arpa",
  "１２７.0.0.1",
];

describe("a base URL of the admin API", () => {
  it.each(innerHosts)("may not lead to %s", (host) => {
    expect([base(`https://${host}`), base(`https://${host}:8443/v1beta`), base(`http://${host}`)]).toEqual([
      false,
      false,
      false,
    ]);
  });

  it("may lead to any public host, over https only", () => {
    for (const host of [
      "gateway.ai.cloudflare.com/v1/a/b/google",
      "8.8.8.8",
      "[2606:4700::1111]",
      "xn--nxasmq6b.example.com",
    ])
      expect([base(`https://${host}`), base(`http://${host}`)]).toEqual([true, false]);
  });

  it("may lead to where the environment sends keys, and with ALLOW_INSECURE_UPSTREAM to anywhere", () => {
    const geminiBaseUrl = "http://127.0.0.1:9999/google";
    expect(base("http://127.0.0.1:9999/other", { geminiBaseUrl })).toBe(true);
    expect(base("http://127.0.0.1:9998", { geminiBaseUrl })).toBe(false);
    expect(base("http://10.0.0.1", { allowInsecureUpstream: true })).toBe(true);
  });

  it("is judged without a mistake of ours, whatever the text", () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.webUrl(),
          fc.ipV6().map((ip) => `https://[${ip}]`),
        ),
        (text) => {
          const allowed = allowBaseUrl(text, settings);
          expect(allowed.ok ? allowed.url.startsWith("https://") : allowed.expected !== "").toBe(true);
        },
      ),
    );
  });
});

describe("a proxy of the admin API", () => {
  it("may stand in the own network, and not where the machine's own services answer", () => {
    for (const host of ["127.0.0.1:40000", "10.0.0.5:3128", "proxy.lan:1080", "[fd12::1]:1080"])
      expect([host, allowProxy(`socks5://u:p@${host}`, settings).ok]).toEqual([host, true]);
    for (const host of ["169.254.169.254", "0.0.0.0:80", "[fe80::1]:80", "[fd00:ec2::254]", "[::ffff:169.254.169.254]"])
      for (const scheme of ["http", "socks5"])
        expect([host, allowProxy(`${scheme}://${host}`, settings).ok]).toEqual([host, false]);
    // Other schemes than http leave such spellings as they are.
    for (const host of ["2852039166", "0xa9fea9fe", "metadata.google.internal"])
      expect([host, allowProxy(`socks5://${host}:80`, settings).ok]).toEqual([host, false]);
    expect(allowProxy("http://169.254.169.254", { allowInsecureUpstream: true }).ok).toBe(true);
  });
});
