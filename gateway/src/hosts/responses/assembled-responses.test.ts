import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import type { StoredResponse } from "../../call/response-archive.ts";
import { parseSettings } from "../../settings/parse.ts";
import { createKeptLogger } from "../../testkit/simulated.ts";
import { assembleGateway, type AssembledGateway } from "../node/assemble.ts";

it("a gateway with a file system writes its responses before it ends, and finds them after its next start", async () => {
  const dataDir = await mkdtemp(join(tmpdir(), "gemini-proxy-responses-"));
  const start = (): Promise<AssembledGateway> =>
    assembleGateway({
      ...parseSettings({ DATA_DIR: dataDir, GEMINI_API_KEY: "AIzaSyAssembledResponses-00000000000001" }),
      logger: createKeptLogger(),
    });
  const first = await start();
  const now = first.environment.clock.now();
  const question = { id: "resp_1", clientId: "client_1", now };
  const stored: StoredResponse = { id: "resp_1", clientId: "client_1", model: "m", turns: "[1]", createdAt: now };
  first.environment.responses?.put(stored);
  await first.dispose();

  const second = await start();
  const found = await new Promise((resolve) => second.environment.responses?.get(question, resolve));
  await second.dispose();
  await rm(dataDir, { recursive: true });
  expect(found).toEqual(stored);
});
