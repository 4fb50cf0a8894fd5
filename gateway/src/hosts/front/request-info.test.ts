import { expect, it } from "vitest";
import { toRequestInfo } from "./request-info.ts";

it("believes what a proxy says of address and scheme only when it is trusted", () => {
  const headers: Record<string, string> = { "x-forwarded-for": "203.0.113.7", "x-forwarded-proto": "https, http" };
  const header = (name: string): string | null => headers[name] ?? null;
  const proxied = { peer: "10.0.0.1", encrypted: false, header };
  expect(toRequestInfo(proxied, { trustedProxies: [] })).toEqual({ address: "10.0.0.1", secure: false });
  expect(toRequestInfo(proxied, { trustedProxies: ["192.0.2.0/24"] })).toEqual({ address: "10.0.0.1", secure: false });
  expect(toRequestInfo(proxied, { trustedProxies: ["10.0.0.0/8"] })).toEqual({ address: "203.0.113.7", secure: true });
});

it("knows TLS of its own, and nothing where there is no address", () => {
  const header = (): null => null;
  expect(toRequestInfo({ peer: "192.0.2.1", encrypted: true, header }, { trustedProxies: [] }).secure).toBe(true);
  expect(toRequestInfo({ peer: null, encrypted: false, header }, { trustedProxies: ["10.0.0.0/8"] })).toEqual({
    address: null,
    secure: false,
  });
});
