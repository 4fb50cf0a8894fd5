import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { isAdminError } from "../../admin/admin-errors.ts";
import { sampleCall } from "../../storage/contract-samples.ts";
import { openNodeSqlite } from "../../storage/drivers/open-node.ts";
import type { AnalyticsStore } from "../../storage/types-analytics.ts";
import { createKeptLogger } from "../../testkit/simulated.ts";
import { createReadThread, type ReadThread, type ReadThreadLimits } from "./read-thread.ts";

const troubled = new URL("./testing/troubled-reader.ts", import.meta.url);
const open: ReadThread[] = [];
afterEach(async () => {
  for (const thread of open.splice(0)) await thread.close();
});

/** Answers in the process: says so. */
const fallback = { get: (id: string) => Promise.resolve(`here ${id}`) } as unknown as AnalyticsStore;

function make(options: { path?: string; entry?: URL; limits?: Partial<ReadThreadLimits> } = {}): {
  get(order: string): Promise<unknown>;
  thread: ReadThread;
  logger: ReturnType<typeof createKeptLogger>;
} {
  const logger = createKeptLogger();
  const { path = "any", entry = troubled, limits = {} } = options;
  const thread = createReadThread({ path, fallback, logger, entry, limits });
  open.push(thread);
  return { get: (order) => thread.analytics.get(order), thread, logger };
}

const codeOf = (error: unknown): unknown => (isAdminError(error) ? error.code : error);

describe("the reading thread", () => {
  it("answers each question with its own answer, in whatever order they come", async () => {
    const { get } = make();
    const words = ["a", "b", "c", "d"];
    expect(await Promise.all(words.map(get))).toMatchObject(
      words.map((word) => ({ method: "get", parameters: [word] })),
    );
  });

  it("is given no variable of the process, so no secret", async () => {
    process.env["GEMINI_API_KEY_FOR_THIS_TEST"] = "secret";
    const { variables } = (await make().get("x")) as { variables: string[] };
    delete process.env["GEMINI_API_KEY_FOR_THIS_TEST"];
    expect(variables).toEqual(["NODE_NO_WARNINGS"]);
  });

  it("rejects with the store's words when a question fails, and answers the next", async () => {
    const { get } = make();
    await expect(get("fail")).rejects.toThrow("no such table");
    expect(await get("x")).toMatchObject({ parameters: ["x"] });
  });

  it("refuses what was asked when it crashes, rests, and answers again", async () => {
    const { get, logger } = make({ limits: { restartMs: 1 } });
    await get("warm");
    const outcomes = await Promise.allSettled([get("crash"), get("behind")]);
    expect(outcomes.map((one) => one.status === "rejected" && codeOf(one.reason))).toEqual([
      "unavailable",
      "unavailable",
    ]);
    expect(logger.lines.map(({ event }) => event)).toEqual(["reads.thread-ended"]);
    await new Promise((resolve) => setTimeout(resolve, 5));
    expect(await get("again")).toMatchObject({ parameters: ["again"] });
  });

  it("is not started again at once after it crashed", async () => {
    const { get } = make({ limits: { restartMs: 60_000 } });
    await get("warm");
    await expect(get("crash")).rejects.toSatisfy((error) => codeOf(error) === "unavailable");
    await expect(get("x")).rejects.toSatisfy((error) => codeOf(error) === "unavailable");
  });

  it("is ended when an answer takes too long, and the others get theirs from a new one", async () => {
    const { get } = make({ limits: { timeoutMs: 2_000 } });
    await get("warm");
    const hung = get("hang").catch(codeOf);
    // So that it has time left for a new thread.
    await new Promise((resolve) => setTimeout(resolve, 1_400));
    const behind = get("behind");
    expect(await hung).toBe("unavailable");
    expect(await behind).toMatchObject({ parameters: ["behind"] });
  });

  it("takes so many questions at once and refuses further ones", async () => {
    const { get } = make({ limits: { most: 3 } });
    const outcomes = await Promise.allSettled(["a", "b", "c", "d", "e"].map(get));
    expect(outcomes.map(({ status }) => status)).toEqual([
      "fulfilled",
      "fulfilled",
      "fulfilled",
      "rejected",
      "rejected",
    ]);
    expect(await get("later")).toMatchObject({ parameters: ["later"] });
  });

  it("ends when nothing is asked for a while, and starts again with the next question", async () => {
    const { get, logger } = make({ limits: { idleMs: 1 } });
    await get("a");
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(await get("b")).toMatchObject({ parameters: ["b"] });
    expect(logger.lines).toEqual([]);
  });

  it("that cannot be started leaves the answers to the process", async () => {
    const { get, logger } = make({ path: "broken" });
    expect(await Promise.all([get("a"), get("b")])).toEqual(["here a", "here b"]);
    expect(await get("c")).toBe("here c");
    expect(logger.lines.map(({ event }) => event)).toEqual(["reads.in-process"]);
  });

  it("refuses everything once it is closed", async () => {
    const { get, thread } = make();
    await get("warm");
    const waiting = get("hang").catch(codeOf);
    await thread.close();
    expect(await waiting).toBe("unavailable");
    await expect(get("x")).rejects.toSatisfy((error) => codeOf(error) === "unavailable");
  });
});

it("reads a real ledger while another connection writes it", async () => {
  const folder = await mkdtemp(join(tmpdir(), "gemini-proxy-reads-"));
  const path = join(folder, "ledger.sqlite");
  const store = await openNodeSqlite({ path });
  const logger = createKeptLogger();
  const thread = createReadThread({ path, fallback: {} as AnalyticsStore, logger });
  open.push(thread);
  const [first, second] = [sampleCall(1), sampleCall(2)];
  await store.ledger.insert([first]);
  expect((await thread.analytics.get(first.record.id))?.record).toEqual(first.record);
  await store.ledger.insert([second]);
  expect(await thread.analytics.oldestMs()).toBe(Math.min(first.record.startedAt, second.record.startedAt));
  const range = { fromMs: 0, toMs: Math.ceil((second.record.startedAt + 1) / 900_000) * 900_000 };
  const sums = await thread.analytics.sums({ dimension: "all", key: null }, range);
  expect([...sums.values()].map(({ calls }) => calls)).toEqual([2]);
  expect(logger.lines).toEqual([]);
  await thread.close();
  await store.close();
  await rm(folder, { recursive: true });
});
