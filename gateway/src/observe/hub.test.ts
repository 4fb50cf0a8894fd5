import { describe, expect, it } from "vitest";
import { isGatewayError } from "../core/errors.ts";
import { sampleRecord } from "../storage/contract-samples.ts";
import { createCallHub, endedKept, listenerLimit } from "./hub.ts";

describe("the call hub", () => {
  it("tells all who listen, in order, until they end it", () => {
    const hub = createCallHub();
    const told: string[] = [];
    const endFirst = hub.listen(({ id }) => void told.push(`first ${id}`));
    hub.listen(({ id }) => void told.push(`second ${id}`));
    hub.publish(sampleRecord(1, { id: "a" }));
    endFirst();
    endFirst();
    hub.publish(sampleRecord(2, { id: "b" }));
    expect(told).toEqual(["first a", "second a", "second b"]);
    expect(hub.size()).toBe(1);
  });

  it("knows the order in which the last calls ended, whoever listens, with an end to its memory", () => {
    const hub = createCallHub();
    expect(hub.endedSince("a")).toBe(null);
    for (const id of ["b", "a", "c"]) hub.publish(sampleRecord(1, { id }));
    expect([hub.endedSince("b"), hub.endedSince("c"), hub.endedSince("x")]).toEqual([["a", "c"], [], null]);
    for (let index = 0; index < endedKept - 1; index += 1) hub.publish(sampleRecord(1, { id: `later-${index}` }));
    expect(hub.endedSince("a")).toBe(null);
    expect(hub.endedSince("c")).toHaveLength(endedKept - 1);
  });

  it("keeps one listener's mistake from the others and from the call", () => {
    const failures: unknown[] = [];
    const hub = createCallHub((error) => void failures.push(error));
    const told: string[] = [];
    hub.listen(() => {
      throw new Error("mine");
    });
    hub.listen(({ id }) => void told.push(id));
    hub.publish(sampleRecord(1, { id: "a" }));
    hub.publish(sampleRecord(1, { id: "b" }));
    expect(told).toEqual(["a", "b"]);
    expect(failures).toHaveLength(2);
  });

  it("lets a listener end itself and others while it is told", () => {
    const hub = createCallHub();
    const told: string[] = [];
    const endSecond = (): void => second();
    const first = hub.listen(() => {
      told.push("first");
      first();
      endSecond();
    });
    const second = hub.listen(() => void told.push("second"));
    hub.publish(sampleRecord(1));
    hub.publish(sampleRecord(2));
    expect(told).toEqual(["first", "second"]);
  });

  it("refuses a listener above the bound with an error for the client, and takes one again later", () => {
    const hub = createCallHub();
    const ends = Array.from({ length: listenerLimit }, () => hub.listen(() => undefined));
    let refusal: unknown = null;
    try {
      hub.listen(() => undefined);
    } catch (error) {
      refusal = error;
    }
    expect(isGatewayError(refusal) && refusal.code).toBe("overloaded");
    ends[0]?.();
    hub.listen(() => undefined);
    expect(hub.size()).toBe(listenerLimit);
  });
});
