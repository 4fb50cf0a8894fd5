import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createLiveWorld, message, setupComplete, stand, type LiveWorld } from "../../testkit/live-harness.ts";
import type { LiveMessage } from "./live-host.ts";

/** A message with a file in a turn. */
function turn(file: string): LiveMessage {
  return message({ clientContent: { turns: [{ parts: [{ fileData: { fileUri: file } }] }], turnComplete: true } });
}

/** Only these names are the client's; answers come at once, or by `later`. */
function owning(world: LiveWorld, own: readonly string[], later?: (() => void)[]): string[][] {
  const asked: string[][] = [];
  world.environment.control.filter = (names, _client, receiver) => {
    asked.push([...names]);
    const visible = names.filter((name) => own.includes(name));
    if (later === undefined) return visible;
    later.push(() => receiver.filtered(visible));
    return null;
  };
  return asked;
}

describe("a message of a session that stands", () => {
  it.each([
    ["a turn", turn("files/victim")],
    [
      "a tool's answer",
      message({ toolResponse: { functionResponses: [{ parts: [{ fileData: { fileUri: "files/victim" } }] }] } }),
    ],
    ["an escaped key", message(`{"clientContent":{"turns":[{"parts":[{"fileData":{"file\\Uri":"files/victim"}}]}]}}`)],
    [
      "an escaped key beside much text",
      message(
        `{"clientContent":{"turns":[{"parts":[{"text":"${"x".repeat(5_000)}"},{"fileData":{"file\\Uri":"files/victim"}}]}]}}`,
      ),
    ],
    [
      "realtime input",
      message(`{"realtimeInput":{"audio":{"data":"${"QUJD".repeat(2_000)}"},"x":{"\\u0066ileUri":"files/victim"}}}`),
    ],
  ])("%s that names another client's file ends it", (_what, sent) => {
    const world = createLiveWorld();
    owning(world, ["files/mine"]);
    const { call, host } = stand(world);
    const before = host.sent.upstream.length;
    call.clientMessage(sent);
    expect(host.sent.upstream.length).toBe(before);
    expect(host.closes[0]).toMatchObject({ side: "client", code: 1008 });
    expect(host.closes[0]?.reason).toContain("files/victim");
    expect(world.leases).toBe(0);
  });

  it("goes up as it came when what it names is the client's, which is asked once", () => {
    const world = createLiveWorld();
    const asked = owning(world, ["files/mine"]);
    const { call, host } = stand(world);
    const sent = turn("files/mine");
    call.clientMessage(sent);
    call.clientMessage(sent);
    expect(host.sent.upstream.slice(-2)).toEqual([sent, sent]);
    expect(asked).toEqual([["files/mine"]]);
  });

  it("may name what the setup named", () => {
    const world = createLiveWorld({ owners: { "files/mine": 0 } });
    const asked = owning(world, []);
    const { call, host } = world.open();
    const parts = [{ fileData: { fileUri: "files/mine" } }];
    call.clientMessage(message({ setup: { model: "m", systemInstruction: { parts } } }));
    expect(world.plans[0]?.names).toEqual(["files/mine"]);
    call.upstreamOpen(1);
    call.upstreamMessage(1, setupComplete);
    call.clientMessage(turn("files/mine"));
    expect(host.sent.upstream).toHaveLength(2);
    expect(asked).toEqual([]);
    // A session that stands does not prove that the file is the client's.
    expect(world.bound).toEqual([]);
  });

  it("that waited for the session to stand is looked at too", () => {
    const world = createLiveWorld();
    owning(world, []);
    const { call, host } = world.open();
    call.clientMessage(message({ setup: { model: "m" } }));
    call.clientMessage(turn("files/victim"));
    call.clientMessage(message({ realtimeInput: { text: "later" } }));
    call.upstreamOpen(1);
    call.upstreamMessage(1, setupComplete);
    expect(host.sent.upstream).toHaveLength(1);
    expect(host.closes[0]).toMatchObject({ side: "client", code: 1008 });
  });

  it("keeps its place while the answer is on its way", () => {
    const world = createLiveWorld();
    const later: (() => void)[] = [];
    owning(world, ["files/mine"], later);
    const { call, host } = stand(world);
    const sent = [
      turn("files/mine"),
      message({ realtimeInput: { text: "a" } }),
      message({ realtimeInput: { text: "b" } }),
    ];
    for (const one of sent) call.clientMessage(one);
    expect(host.sent.upstream).toHaveLength(1);
    later.shift()?.();
    expect(host.sent.upstream.slice(1)).toEqual(sent);
  });

  it("keeps its place when several wait for answers", () => {
    const world = createLiveWorld();
    const later: (() => void)[] = [];
    owning(world, ["files/a", "files/b"], later);
    const { call, host } = stand(world);
    const sent = [
      turn("files/a"),
      message({ realtimeInput: { text: "a" } }),
      turn("files/b"),
      message({ realtimeInput: { text: "b" } }),
    ];
    for (const one of sent) call.clientMessage(one);
    while (later.length > 0) later.shift()?.();
    expect(host.sent.upstream.slice(1)).toEqual(sent);
  });

  it("an answer after the session's end does nothing", () => {
    const world = createLiveWorld();
    const later: (() => void)[] = [];
    owning(world, ["files/a"], later);
    const { call, host } = stand(world);
    call.clientMessage(turn("files/a"));
    call.clientClosed(1000, "");
    later.shift()?.();
    expect(host.sent.upstream).toHaveLength(1);
    expect(world.leases).toBe(0);
  });

  it("a state that cannot be reached ends it", () => {
    const world = createLiveWorld();
    world.environment.control.filter = () => null;
    const { call, host } = stand(world);
    call.clientMessage(turn("files/a"));
    call.unavailable();
    expect(host.closes[0]).toMatchObject({ side: "client", code: 1013 });
    expect(world.leases).toBe(0);
  });

  it("that is another setup ends it", () => {
    const world = createLiveWorld();
    const { call, host } = stand(world);
    call.clientMessage(message(`{"realtimeInput":{},"\\u0073etup":{"model":"models/other"}}`));
    expect(host.sent.upstream).toHaveLength(1);
    expect(host.closes[0]).toMatchObject({ side: "client", code: 1007 });
  });

  it("of media and text goes up unasked, whatever is said in it", () => {
    const world = createLiveWorld();
    const asked = owning(world, []);
    const { call, host } = stand(world);
    fc.assert(
      fc.property(fc.string(), fc.base64String({ maxLength: 4_000 }), (text, data) => {
        const sent = message({
          realtimeInput: { audio: { mimeType: "audio/pcm", data }, text: `fileUri files/x ${text}` },
        });
        call.clientMessage(sent);
        expect(host.sent.upstream.at(-1)).toBe(sent);
      }),
    );
    expect(asked).toEqual([]);
  });
});
