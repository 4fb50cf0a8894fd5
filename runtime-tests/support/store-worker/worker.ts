// oxlint-disable-next-line typescript/triple-slash-reference -- it declares cloudflare:workers, so it is no module
/// <reference path="../../../gateway/src/hosts/cloudflare/cloudflare-workers.d.ts" />
/**
 * Runs the store's contract and drives the state object inside workerd. `POST /<binding>/<object>/<method>` with a JSON
 * array of arguments calls a method of an object and answers `{ value }` or `{ error }`.
 * @module
 */
import { DurableObject } from "cloudflare:workers";
import { doWhatIsDue } from "../../../gateway/src/hosts/cloudflare/alarm.ts";
import { createOpenCalls } from "../../../gateway/src/hosts/cloudflare/open-calls.ts";
import type { KvNamespace } from "../../../gateway/src/hosts/cloudflare/runtime.ts";
import type { CallMark, StateApi, StateHealth } from "../../../gateway/src/hosts/cloudflare/state-api.ts";
import { createStateLink } from "../../../gateway/src/hosts/cloudflare/state-link.ts";
import { GatewayState } from "../../../gateway/src/hosts/cloudflare/state-object.ts";
import { storageContract } from "../../../gateway/src/storage/contract.ts";
import { openDurableObjectStore } from "../../../gateway/src/storage/drivers/open-durable-object.ts";

interface Namespace {
  idFromName(name: string): unknown;
  get(id: unknown): Record<string, (...values: unknown[]) => Promise<unknown>>;
}
interface Bindings {
  STORE: Namespace;
  STATE: Namespace;
  KV: KvNamespace & { put(key: string, value: string): Promise<void>; delete(key: string): Promise<void> };
}

/** An object with an empty SQLite. */
export class StoreUnderTest extends DurableObject {
  /** @returns what is broken; null: the promise is kept */
  async contract(index: number): Promise<string | null> {
    const store = await openDurableObjectStore(this.ctx.storage);
    const { run } = storageContract()[index] as ReturnType<typeof storageContract>[number];
    return run(store).then(
      () => null,
      (error: unknown) => (error instanceof Error ? error.message : String(error)),
    );
  }

  async began(call: CallMark, model: string | null): Promise<void> {
    createOpenCalls(this.ctx.storage).began(call, model);
  }

  async settled(id: string): Promise<void> {
    createOpenCalls(this.ctx.storage).settled(id);
  }

  async lost(beforeMs: number): Promise<unknown> {
    return createOpenCalls(this.ctx.storage).lost(beforeMs);
  }
}

/** The real state object, with handles to make its surroundings fail. */
export class StateUnderTest extends GatewayState {
  #kvFailures = 0;

  /** Before anything else: its settings. KV is bound with `kv`. */
  async configure(settings: Record<string, string>, kv = false): Promise<void> {
    const bindings = this.env as unknown as Bindings;
    this.env = { ...this.env, ...settings };
    if (!kv) return;
    const fail = (): void => {
      if (this.#kvFailures-- > 0) throw new Error("KV is down");
    };
    this.env.GEMINI_KEYS = {
      get: async (key) => (fail(), bindings.KV.get(key)),
      list: async (options) => (fail(), bindings.KV.list(options)),
    };
  }

  async failKv(times: number): Promise<void> {
    this.#kvFailures = times;
  }

  /** Everything that the alarm does, at another time. */
  async due(now: number): Promise<void> {
    await doWhatIsDue(await this.loaded(), now);
  }

  /** @returns the answer's text of a path of the admin API */
  async admin(path: string, query: string): Promise<string> {
    const headers = { authorization: `Bearer ${String(this.env["ADMIN_TOKEN"])}` };
    const request = new Request(`https://gateway.test/admin/api/v1/${path}?${query}`, { headers });
    return (await this.own(request, { address: null, secure: true })).text();
  }

  async fireAlarm(): Promise<number | null> {
    await this.alarm();
    return this.ctx.storage.getAlarm();
  }

  async alarmAt(): Promise<number | null> {
    return this.ctx.storage.getAlarm();
  }

  async sql(query: string): Promise<Record<string, unknown>[]> {
    return this.ctx.storage.sql.exec(query).toArray();
  }

  async bytes(): Promise<number> {
    return (await this.loaded()).store.ledger.bytes();
  }

  override async health(): Promise<StateHealth> {
    if (aborts > 0) {
      aborts--;
      (this.ctx as unknown as { abort(reason: string): void }).abort("restarted by the test");
    }
    return super.health();
  }
}

/** How many questions for the health end with the object being thrown away. */
let aborts = 0;

export default {
  async fetch(request: Request, env: Bindings): Promise<Response> {
    const [binding, name = "", method = ""] = new URL(request.url).pathname.slice(1).split("/");
    if (binding === "health") return new Response("ready");
    const values = (await request.json()) as unknown[];
    return answer(async () => {
      switch (binding) {
        case "kv":
          return method === "put" ? env.KV.put(name, String(values[0])) : env.KV.delete(name);
        case "aborted":
          return askWhileItRestarts(env.STATE, name, values[0] as number);
        default: {
          const namespace = binding === "store" ? env.STORE : env.STATE;
          return namespace.get(namespace.idFromName(name))[method]?.(...values);
        }
      }
    });
  },
};

/** One question through a bare stub that broke, and one through the link. */
async function askWhileItRestarts(namespace: Namespace, name: string, times: number): Promise<unknown> {
  const connect = (): StateApi => namespace.get(namespace.idFromName(name)) as unknown as StateApi;
  const bare = connect();
  aborts = 1;
  const ask = (): Promise<string> => bare.health().then(() => "answered", String);
  const broken = [await ask(), await ask()];
  aborts = times;
  const linked = await createStateLink(connect)
    .ask((state) => state.health())
    .then(() => "answered", String);
  aborts = 0;
  return { broken, linked };
}

async function answer(work: () => Promise<unknown>): Promise<Response> {
  try {
    return Response.json({ value: (await work()) ?? null });
  } catch (error) {
    return Response.json({ error: error instanceof Error ? error.message : String(error) });
  }
}
