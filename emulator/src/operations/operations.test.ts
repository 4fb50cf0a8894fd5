import { afterAll, beforeEach, describe, expect, it } from "vitest";

import { FOREIGN, MINE, MINE_TOO, ask, startTwoProjects } from "../resources/test-projects.ts";
import { at, call } from "../test-client.ts";

const emulator = await startTwoProjects({ operationMs: 10_000 });
afterAll(() => emulator.close());
beforeEach(() => emulator.reset());

const MODEL = "models/veo-3.1-generate-preview";
const GOOGLE = "https://generativelanguage.googleapis.com";

const film = (more: object = {}, key = MINE): ReturnType<typeof ask> =>
  ask(emulator, `${MODEL}:predictLongRunning`, {
    key,
    body: { instances: [{ prompt: "a cat", ...more }], parameters: { sampleCount: 2, durationSeconds: 8 } },
  });

describe("a video", () => {
  it("is an operation that is done by the clock and names files at Google's host", async () => {
    const begun = await film();
    const name = String(at(begun.body, "name"));
    expect(begun).toEqual({
      status: 200,
      body: { name: expect.stringMatching(/^models\/veo-3\.1-generate-preview\/operations\/[a-z\d]{12}$/) as string },
    });
    expect((await ask(emulator, name)).body).toEqual({ name });
    expect((await ask(emulator, "files")).body).toEqual({});
    emulator.advance(10_000);
    const done = await ask(emulator, name, { key: MINE_TOO });
    expect(done.body).toMatchObject({
      name,
      done: true,
      response: {
        "@type": "type.googleapis.com/google.ai.generativelanguage.v1beta.PredictLongRunningResponse",
        generateVideoResponse: {
          generatedSamples: [{ video: { uri: expect.any(String) as string } }, { video: {} }],
        },
      },
    });
    const uri = String(at(done.body, "response.generateVideoResponse.generatedSamples.0.video.uri"));
    expect(uri).toMatch(
      /^https:\/\/generativelanguage\.googleapis\.com\/v1beta\/files\/[a-z\d]{12}:download\?alt=media$/,
    );
    const path = uri.replace(GOOGLE, "");
    const video = await call(emulator, { path, key: MINE_TOO });
    expect([video.status, video.headers.get("content-type")]).toEqual([200, "video/mp4"]);
    expect(await video.text()).toContain("a cat");
    expect((await call(emulator, { path, key: FOREIGN })).status).toBe(403);
    const again = await film({ video: { uri } });
    expect(again.status).toBe(200);
    expect((await film({ video: { uri } }, FOREIGN)).status).toBe(403);
    expect(
      emulator
        .record()
        .map(({ operation, model, project }) => [operation, model, project])
        .slice(0, 2),
    ).toEqual([
      ["predictLongRunning", "veo-3.1-generate-preview", "projects/1"],
      ["operations.get", "veo-3.1-generate-preview", "projects/1"],
    ]);
  });

  it("of another project is not found", async () => {
    const name = String(at((await film()).body, "name"));
    const refused = await ask(emulator, name, { key: FOREIGN });
    expect([refused.status, at(refused.body, "error.status")]).toEqual([404, "NOT_FOUND"]);
  });

  it("needs an instance and a model that makes videos", async () => {
    expect((await ask(emulator, `${MODEL}:predictLongRunning`, { body: {} })).status).toBe(400);
    const flash = await ask(emulator, "models/gemini-3.8-flash:predictLongRunning", {
      body: { instances: [{ prompt: "a cat" }] },
    });
    expect(flash.status).toBe(404);
    const text = await ask(emulator, `${MODEL}:generateContent`, { body: { contents: [{ parts: [{ text: "x" }] }] } });
    expect(text.status).toBe(404);
  });

  it("counts against the quota of its model", async () => {
    emulator.setProject({
      id: "projects/2",
      keys: [{ key: FOREIGN }],
      quotas: { "*": { requestsPerMinute: 1 } },
    });
    expect((await film({}, FOREIGN)).status).toBe(200);
    expect((await film({}, FOREIGN)).status).toBe(429);
  });
});
