/**
 * A gateway for all tests of a block.
 * @module
 */
import { afterAll, afterEach, beforeAll, expect } from "vitest";
import { clientKey, type TargetName } from "./targets.ts";
import { geminiKeys, startTranslatedWorld, type TranslatedWorld } from "./translated-world.ts";

/** Starts one before the first test; at the end nothing secret may have been printed, and our own hosts end well. */
export function useTranslatedWorld(target: TargetName): () => TranslatedWorld {
  let world: TranslatedWorld;

  beforeAll(async () => {
    world = await startTranslatedWorld(target);
  }, 90_000);

  afterEach(() => {
    world.emulator.clearFaults();
  });

  afterAll(async () => {
    for (const secret of [...geminiKeys, clientKey]) expect(world.gateway.output()).not.toContain(secret);
    const code = await world?.stop();
    // wrangler answers SIGTERM in its own way.
    if (target !== "workerd") expect(code).toBe(0);
  });

  return () => world;
}
