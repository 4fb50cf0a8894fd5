import { expect, test } from "vitest";
import { allowsModel, resolveModel } from "./aliases.ts";
import { createClients } from "./clients.ts";
import { limitedKey } from "./limits/limiter-fixture.ts";
import type { ClientKey } from "./types.ts";

const aliases = { best: "gemini-4-neon", fast: "gemini-3.8-flash", loop: "pool", pool: "loop" };

test("a client's own aliases come before the gateway's, and may lead to one of them", () => {
  const client = keyOf({ aliases: { fast: "gemini-3.5-flash-lite", top: "best" } });
  const of = (model: string): string => resolveModel({ client, aliases, model });
  expect(of("fast")).toBe("gemini-3.5-flash-lite");
  expect(of("top")).toBe("gemini-4-neon");
  expect(of("models/best")).toBe("gemini-4-neon");
  expect(of("gemini-3.8-flash")).toBe("gemini-3.8-flash");
  expect(of("models/gemini-3.8-flash")).toBe("models/gemini-3.8-flash");
});

test("each list is looked up once: circles end, chains within a list are not followed", () => {
  const client = keyOf({ aliases: { a: "b", b: "a", loop: "loop" } });
  expect(resolveModel({ client, aliases, model: "a" })).toBe("b");
  expect(resolveModel({ client, aliases, model: "loop" })).toBe("pool");
  expect(resolveModel({ client: keyOf({}), aliases, model: "loop" })).toBe("pool");
});

test("names that every object has are no aliases", () => {
  const client = keyOf({ aliases: {} });
  for (const model of ["constructor", "__proto__", "toString", "hasOwnProperty"])
    expect(resolveModel({ client, aliases, model })).toBe(model);
});

test("a list of models allows the alias that it names and the aliases of models that it names", () => {
  const clients = createClients();
  const may = (allowedModels: string[] | null, model: string): boolean =>
    allowsModel(clients, { client: keyOf({ allowedModels, aliases: { mine: "gemini-4-neon" } }), aliases, model });
  expect(may(["fast"], "fast")).toBe(true);
  expect(may(["fast"], "gemini-3.8-flash")).toBe(false);
  expect(may(["gemini-3.8-flash"], "fast")).toBe(true);
  expect(may(["gemini-4-*"], "mine")).toBe(true);
  expect(may(["gemini-3*"], "mine")).toBe(false);
  expect(may([], "fast")).toBe(false);
  expect(may(null, "anything")).toBe(true);
});

// --- helpers ---

function keyOf(change: Partial<ClientKey>): ClientKey {
  return { ...limitedKey(null), ...change };
}
