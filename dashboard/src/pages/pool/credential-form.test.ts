import { describe, expect, it } from "vitest";
import { toCredentialChange, toCredentialForm } from "./credential-form.ts";
import type { Credential } from "./types.ts";

const credential: Credential = {
  id: "c1",
  name: "prod",
  kind: "api-key",
  masked: "AIza…wxyz",
  account: null,
  projectId: "p1",
  source: "stored",
  tier: 0,
  weight: 1,
  quotaTier: null,
  baseUrl: null,
  proxy: "http://proxy:3128",
  enabled: true,
  createdAt: null,
  state: "active",
  disabled: null,
  cooldowns: [],
  inFlight: 0,
  uses: 0,
  recovering: false,
};
const change = (fields: Partial<ReturnType<typeof toCredentialForm>>): ReturnType<typeof toCredentialChange> =>
  toCredentialChange(credential, { ...toCredentialForm(credential), ...fields });

describe("the credential form", () => {
  it("changes nothing when nothing was typed", () => {
    expect(change({})).toEqual({ ok: true, change: {} });
  });

  it("sends only what differs, and null for what was emptied", () => {
    expect(change({ name: " new ", tier: "2", weight: "0.5", quotaTier: "Free" })).toEqual({
      ok: true,
      change: { name: "new", tier: 2, weight: 0.5, quotaTier: "free" },
    });
    expect(change({ projectId: "" })).toEqual({ ok: true, change: { projectId: null } });
  });

  it("never holds the proxy that is set, and leaves it alone unless one is typed or it is removed", () => {
    expect(toCredentialForm(credential).proxy).toBe("");
    expect(change({ proxy: "socks5://u:p@h:1" })).toEqual({ ok: true, change: { proxy: "socks5://u:p@h:1" } });
    expect(change({ removeProxy: true })).toEqual({ ok: true, change: { proxy: null } });
  });

  it("shows no project when the credential is its own", () => {
    expect(toCredentialForm({ ...credential, projectId: "own:c1" }).projectId).toBe("");
  });

  it("names the field that is wrong", () => {
    expect(change({ name: " " })).toMatchObject({ field: "name" });
    expect(change({ tier: "x" })).toMatchObject({ field: "tier" });
    expect(change({ weight: "-1" })).toMatchObject({ field: "weight" });
    expect(change({ baseUrl: "javascript:alert(1)" })).toMatchObject({ field: "baseUrl" });
    expect(change({ proxy: "ftp://x" })).toMatchObject({ field: "proxy" });
  });

  it("of an account sends its Cloud project, null for Google's choice, and no number", () => {
    const account = { email: "a@b.c", cloudProject: "old-1", wantedProject: "old-1", tier: null };
    const facts = { tokenExpiresAt: null, lastRefreshAt: null, lastError: null };
    const owner: Credential = { ...credential, kind: "code-assist", account: { ...account, ...facts } };
    const read = (cloudProject: string): unknown =>
      toCredentialChange(owner, { ...toCredentialForm(owner), cloudProject });
    expect(read("old-1")).toEqual({ ok: true, change: {} });
    expect(read(" new-1 ")).toEqual({ ok: true, change: { cloudProject: "new-1" } });
    expect(read("")).toEqual({ ok: true, change: { cloudProject: null } });
    expect(read("123")).toMatchObject({ ok: false, field: "cloudProject" });
  });
});
