/**
 * Calls under way, kept in the object's own SQLite: a worker that dies takes its record along, and nothing may be lost.
 * @module
 */
import type { CallRecord } from "../../core/records.ts";
import type { DurableObjectStorage } from "../../storage/drivers/durable-object.ts";
import type { CallMark } from "./state-api.ts";

/** Marks of calls that began. */
export interface OpenCalls {
  /** A call that has a mark keeps the one it has; a model is added to one without. */
  began(call: CallMark, model: string | null): void;
  settled(callId: string): void;
  /** How many there are. */
  count(): number;
  /**
   * Calls that began before the time and never settled, as `interrupted` records, at most 500. Their marks stay until
   * `settled`: they are to be written first.
   * @param beforeMs epoch milliseconds
   */
  lost(beforeMs: number): CallRecord[];
}

/** @param storage the object's storage */
export function createOpenCalls(storage: DurableObjectStorage): OpenCalls {
  const { sql } = storage;
  sql.exec(
    "create table if not exists open_calls (id text primary key, started_at integer not null, model text) without rowid",
  );
  return {
    began: ({ id, startedAt }, model) =>
      void sql.exec(
        `insert into open_calls (id, started_at, model) values (?, ?, ?)
         on conflict (id) do update set model = excluded.model where model is null and excluded.model is not null`,
        id,
        startedAt,
        model,
      ),
    settled: (callId) => void sql.exec("delete from open_calls where id = ?", callId),
    count: () => Number(sql.exec("select count(*) as calls from open_calls").toArray()[0]?.["calls"] ?? 0),
    lost: (beforeMs) =>
      sql
        .exec("select id, started_at, model from open_calls where started_at < ? order by id limit 500", beforeMs)
        .toArray()
        .map((row) => toInterrupted(row as unknown as OpenCallRow)),
  };
}

// --- helpers ---

interface OpenCallRow {
  id: string;
  started_at: number;
  model: string | null;
}

function toInterrupted({ id, started_at: startedAt, model }: OpenCallRow): CallRecord {
  return {
    id,
    startedAt,
    clientId: null,
    dialect: "gemini",
    backend: null,
    operation: "other",
    method: "",
    path: "",
    modelAsked: model,
    modelServed: null,
    stream: false,
    status: 0,
    outcome: "interrupted",
    errorCode: null,
    finishReason: null,
    usage: null,
    firstByteMicros: null,
    totalMicros: 0,
    overheadMicros: 0,
    requestBytes: 0,
    responseBytes: 0,
    attempts: [],
  };
}
