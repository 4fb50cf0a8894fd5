import { expect, it } from "vitest";
import { createSimulatedClock } from "../testkit/simulated.ts";
import { createAccountLogins } from "./account-logins.ts";
import type { Actor } from "./auth/actor.ts";

const login = { redirectUri: "r", verifier: "v", credentialId: null };
const token = (id: string): Actor => ({ kind: "token", id, name: id, role: "admin" });

it("holds a hundred log-ins at once, whoever begins them, and has room again when they are over", () => {
  const clock = createSimulatedClock();
  const logins = createAccountLogins(clock);
  for (let owner = 0; owner < 20; owner++)
    for (let count = 0; count < 6; count++)
      expect(logins.begin(token(`t${owner}`), `${owner} ${count}`, login)).toBe(clock.now() + 600_000);
  expect(logins.begin(token("late"), "late", login)).toBeNull();
  // Of one's own the oldest makes room.
  expect(logins.begin(token("t0"), "0 6", login)).not.toBeNull();
  expect(logins.attempt(token("t0"), "0 1")).toBeNull();
  expect(logins.attempt(token("t0"), "0 2")).toMatchObject(login);
  expect(logins.attempt(token("t1"), "0 2")).toBeNull();
  clock.advance(600_000);
  expect(logins.attempt(token("t0"), "0 6")).toBeNull();
  expect(logins.begin(token("late"), "late", login)).not.toBeNull();
});
