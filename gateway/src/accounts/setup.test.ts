import { describe, expect, it } from "vitest";
import { json } from "../testkit/account-world.ts";
import type { AccountAnswer } from "./ask.ts";
import { createSetup, type SetupStep } from "./setup.ts";

const base = "https://cloudcode-pa.googleapis.com";

/** Plays answers; gives back the last step and what was asked. */
function play(
  wanted: string | null,
  ...answers: AccountAnswer[]
): { last: SetupStep; asked: unknown[]; waits: number[] } {
  const machine = createSetup({ base, accessToken: "ya29.token", agent: "gemini-proxy/1.0.0", wanted });
  const asked: unknown[] = [];
  const waits: number[] = [];
  let step = machine.begin();
  for (const answer of answers) {
    if (step.do !== "ask") break;
    const { method, url, body } = step.question;
    asked.push([method, url.slice(base.length), body === null ? null : JSON.parse(body)]);
    waits.push(step.afterMs);
    step = machine.told(answer);
  }
  return { last: step, asked, waits };
}

const metadata = { ideType: "IDE_UNSPECIFIED", platform: "PLATFORM_UNSPECIFIED", pluginType: "GEMINI" };
const standard = { id: "standard-tier", name: "Gemini Code Assist", isDefault: true };
const done = (id?: string): AccountAnswer =>
  json({ done: true, response: id === undefined ? {} : { cloudaicompanionProject: { id, name: id } } });

describe("setting an account up", () => {
  it("asks with the metadata of the working clients, and with no project when none is set (E fault 6)", () => {
    const { last, asked } = play(null, json({ currentTier: standard, cloudaicompanionProject: "p-1" }));
    expect(asked).toEqual([["POST", "/v1internal:loadCodeAssist", { metadata }]]);
    expect(last).toEqual({
      do: "done",
      setup: { cloudProject: "p-1", tier: "standard-tier", tierName: "Gemini Code Assist" },
    });
  });

  it("the project of the answer outranks the one that was wanted, which stands in where the answer has none", () => {
    const answered = play("mine", json({ currentTier: standard, cloudaicompanionProject: "p-1" }));
    expect(answered.asked[0]).toEqual([
      "POST",
      "/v1internal:loadCodeAssist",
      { cloudaicompanionProject: "mine", metadata: { ...metadata, duetProject: "mine" } },
    ]);
    expect(answered.last).toMatchObject({ setup: { cloudProject: "p-1" } });
    expect(play("mine", json({ currentTier: standard })).last).toMatchObject({ setup: { cloudProject: "mine" } });
  });

  it("the paid tier names the licence", () => {
    const paidTier = { id: "enterprise-tier", name: "Enterprise" };
    const { last } = play("mine", json({ currentTier: standard, paidTier }));
    expect(last).toMatchObject({ setup: { tier: "enterprise-tier", tierName: "Enterprise" } });
  });

  it("a new account is onboarded into the default tier, and looked after every five seconds", () => {
    const allowedTiers = [{ id: "free-tier" }, standard];
    const running = json({ name: "operations/abc.1", done: false });
    const { last, asked, waits } = play("mine", json({ allowedTiers }), running, running, done("p-2"));
    expect(asked.slice(1)).toEqual([
      [
        "POST",
        "/v1internal:onboardUser",
        { tierId: "standard-tier", cloudaicompanionProject: "mine", metadata: { ...metadata, duetProject: "mine" } },
      ],
      ["GET", "/v1internal/operations/abc.1", null],
      ["GET", "/v1internal/operations/abc.1", null],
    ]);
    expect(waits).toEqual([0, 0, 5_000, 5_000]);
    expect(last).toMatchObject({ do: "done", setup: { cloudProject: "p-2", tier: "standard-tier" } });
  });

  it("the free tier is asked for without a project, which Google refuses there", () => {
    const allowedTiers = [{ id: "free-tier", isDefault: true }];
    const { asked, last } = play("mine", json({ allowedTiers }), done("p-3"));
    expect(asked[1]).toMatchObject([
      "POST",
      "/v1internal:onboardUser",
      expect.not.objectContaining({ cloudaicompanionProject: expect.anything() }),
    ]);
    expect(last).toMatchObject({ setup: { cloudProject: "p-3", tier: "free-tier" } });
  });

  it("an onboarding that takes more than a minute is left for later", () => {
    const running = json({ name: "operations/abc", done: false });
    const { last, waits } = play(
      "mine",
      json({ allowedTiers: [standard] }),
      ...Array.from({ length: 40 }, () => running),
    );
    expect(last).toMatchObject({ do: "failed", failure: { kind: "passing", rule: "account.setup-unfinished" } });
    expect(waits.reduce((sum, ms) => sum + ms, 0)).toBe(60_000);
  });

  it("an onboarding that Google ends with an error is told in its words", () => {
    const failed = json({ name: "operations/abc", done: true, error: { code: 9, message: "Precondition Failed" } });
    expect(play("mine", json({ allowedTiers: [standard] }), failed).last).toMatchObject({
      do: "failed",
      failure: { kind: "owner", words: expect.stringContaining("Precondition Failed") },
    });
  });

  it("behind VPC service controls the account is taken for a licensed one of the wanted project", () => {
    const refusal = json(
      { error: { code: 403, message: "blocked", details: [{ reason: "SECURITY_POLICY_VIOLATED" }] } },
      403,
    );
    expect(play("mine", refusal).last).toMatchObject({ setup: { cloudProject: "mine", tier: "standard-tier" } });
    expect(play(null, refusal).last).toMatchObject({ failure: { rule: "account.project-missing" } });
  });

  it("a project's number is refused before anybody is asked", () => {
    const { last, asked } = play("123456789012");
    expect(asked).toEqual([]);
    expect(last).toMatchObject({ failure: { rule: "account.project-number", words: expect.stringContaining("id") } });
  });

  it("Cloud Shell's own project has its own advice", () => {
    expect(play("cloudshell-gca", json({ error: { message: "denied" } }, 403)).last).toMatchObject({
      failure: { words: expect.stringContaining("Cloud Shell") },
    });
  });

  it("the name of an operation that leads elsewhere is not followed with the token", () => {
    for (const name of ["../../evil", "https://evil.example/x", "operations/a?b=c", "operations/../x", ""])
      expect(play("mine", json({ allowedTiers: [standard] }), json({ name })).last, name).toMatchObject({
        do: "failed",
      });
  });

  it("answers that make no sense end it, whatever they are", () => {
    for (const body of ["", "null", "[]", "7", "<html>", '{"currentTier": 7, "allowedTiers": {"a": 1}}'])
      expect(play(null, { status: 200, body }).last.do, body).toBe("failed");
  });
});
