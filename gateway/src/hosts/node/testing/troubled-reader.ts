/**
 * For tests of the reading thread: a thread that says when it is ready and then does what the question's first parameter
 * says: `crash`, `hang`, `fail`, or anything else, which it gives back.
 * @module
 */
import { parentPort, workerData } from "node:worker_threads";
import type { ReadAnswer, ReadQuestion } from "../read-protocol.ts";

const { path } = workerData as { path: string };
const say = (answer: ReadAnswer): void => parentPort?.postMessage(answer);
if (path === "broken") throw new Error("no such database");

parentPort?.on("message", ({ id, method, parameters }: ReadQuestion) => {
  const [order] = parameters;
  if (order === "crash") process.exit(3);
  // Synchronous, as a statement of SQLite is.
  if (order === "hang") for (;;);
  if (order === "fail") say({ kind: "failure", id, message: "no such table" });
  else say({ kind: "value", id, value: { method, parameters, variables: Object.keys(process.env) } });
});
say({ kind: "ready" });
