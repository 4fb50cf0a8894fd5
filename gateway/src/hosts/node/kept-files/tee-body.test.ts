import { once } from "node:events";
import type { IncomingMessage } from "node:http";
import { PassThrough } from "node:stream";
import { setImmediate as turn } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { teeBody } from "./tee-body.ts";

const bodyOf = (): PassThrough & IncomingMessage => new PassThrough() as unknown as PassThrough & IncomingMessage;

describe("reading a body along", () => {
  it("does not begin before its reader does, and sees the same bytes", async () => {
    const body = bodyOf();
    const along: Uint8Array[] = [];
    const read: Uint8Array[] = [];
    teeBody(body, { push: (chunk) => void along.push(chunk) });
    body.write("one");
    body.write("two");
    await turn();
    await turn();
    expect(along).toHaveLength(0);
    expect(body.readableFlowing).not.toBe(true);
    body.on("data", (chunk: Buffer) => read.push(chunk));
    body.end("three");
    await once(body, "end");
    expect(Buffer.concat(along).toString()).toBe("onetwothree");
    expect(Buffer.concat(read).toString()).toBe("onetwothree");
  });

  it("stops with its reader", async () => {
    const body = bodyOf();
    let seen = 0;
    teeBody(body, { push: (chunk) => void (seen += chunk.length) });
    body.on("data", () => body.pause());
    body.write("one");
    await turn();
    body.write("two");
    await turn();
    expect(seen).toBe(3);
    body.resume();
    await turn();
    expect(seen).toBe(6);
  });

  it("that throws costs the reader nothing", async () => {
    const body = bodyOf();
    let tries = 0;
    teeBody(body, {
      push() {
        tries += 1;
        throw new Error("a mistake");
      },
    });
    const read: Uint8Array[] = [];
    body.on("data", (chunk: Buffer) => read.push(chunk));
    body.write("one");
    body.end("two");
    await once(body, "end");
    expect(Buffer.concat(read).toString()).toBe("onetwo");
    expect(tries).toBe(1);
  });
});
