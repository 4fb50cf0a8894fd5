/**
 * The reading thread: the ledger's charts and lists over a connection of its own that only reads, so that a slow question
 * never holds up a call. Started by read-thread.ts.
 * @module
 */
import { parentPort, workerData } from "node:worker_threads";
import { openNodeSqliteReader } from "../../storage/drivers/open-node-reader.ts";
import { readMethods, type ReadAnswer, type ReadQuestion } from "./read-protocol.ts";

const port = parentPort;
if (port === null) throw new Error("This file is a worker thread's.");
const { path } = workerData as { path: string };
const reader = await openNodeSqliteReader({ path });
const say = (answer: ReadAnswer): void => port.postMessage(answer);

port.on("message", (question: ReadQuestion) => void answer(question));
say({ kind: "ready" });

async function answer({ id, method, parameters }: ReadQuestion): Promise<void> {
  try {
    if (!readMethods.includes(method)) throw new Error(`There is no '${method}' to read.`);
    const read = reader.analytics[method] as (...all: readonly unknown[]) => Promise<unknown>;
    say({ kind: "value", id, value: await read(...parameters) });
  } catch (error) {
    say({ kind: "failure", id, message: error instanceof Error ? error.message : String(error) });
  }
}
