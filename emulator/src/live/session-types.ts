/** @module What a session, its gate and its turns share. */

import type { ApiError } from "../errors/api-error.ts";
import type { Model } from "../state/models.ts";
import type { World } from "../state/world.ts";
import type { Outcome } from "../types.ts";
import type { LiveCaller } from "./caller.ts";
import type { LiveSetup } from "./client-message.ts";
import type { Connection } from "./connection.ts";
import type { EntryBase, OpenEntry } from "./entries.ts";
import type { History } from "./history.ts";
import type { Outbox } from "./outbox.ts";
import type { LiveCall } from "./plan-turn.ts";
import type { UserTurn } from "./realtime-input.ts";
import type { LiveRoute } from "./route.ts";

/** What a session is made with. */
export interface SessionOptions {
  world: World;
  connection: Connection;
  outbox: Outbox;
  caller: LiveCaller;
  route: LiveRoute;
  /** Its own entry; whoever made it files it. */
  entry: OpenEntry;
  base: EntryBase;
  /** Takes a place among the project's sessions; false when there is none. Called once, when the setup is accepted. */
  admit: () => boolean;
  /** A mistake of the emulator's own. */
  onBug: (error: unknown) => void;
}

/** A session that has been set up: what turns work with. */
export interface OpenSession {
  readonly options: SessionOptions;
  readonly setup: LiveSetup;
  readonly model: Model;
  readonly history: History;
  /** Closes with what an error stands for. */
  fail(error: ApiError): void;
  /** Calls are about to go out: their results are waited for. */
  expect(calls: readonly LiveCall[]): void;
}

/** A session. */
export interface Session {
  /** A message of the client. */
  receive(data: Buffer): void;
  /** The connection is about to end; turns that were not at theirs are filed with this outcome. */
  closed(outcome: Outcome): void;
  /** The clock may have moved. */
  tick(): void;
}

/** A turn that waits, runs, or was interrupted. */
export interface Turn {
  readonly entry: OpenEntry;
  readonly interrupt: AbortController;
  /** What the user said; null to go on with the results of functions. */
  readonly said: UserTurn | null;
}
