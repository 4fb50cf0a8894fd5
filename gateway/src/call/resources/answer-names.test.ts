import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { portableBytes } from "../../core/portable-bytes.ts";
import { nodeBytes } from "../../hosts/node/bytes.ts";
import { createAnswerNames, type FoundResource } from "./answer-names.ts";
import { routeResource } from "./route.ts";
import type { ResourceRoute } from "./route-types.ts";
import { signatureName } from "./signature.ts";

const now = Date.UTC(2026, 10, 21, 12);
const hour = 3_600_000;
const digest = { sha256: (text: string): string => `<${text}>` };
const signature = (start: string): string => `${start}${"QUJDREVG".repeat(20)}`;

function route(method: string, path: string, backend: "gemini-api" | "gemini-openai" = "gemini-api"): ResourceRoute {
  return routeResource({
    backend,
    method,
    path,
    query: "",
    uploadProtocol: null,
    uploadCommand: null,
  }) as ResourceRoute;
}

function read(
  of: ResourceRoute | null,
  answer: unknown,
  sizes: readonly number[] = [],
  portable = false,
): FoundResource[] {
  const names = createAnswerNames({ route: of, bytes: portable ? portableBytes : nodeBytes, digest, now });
  const whole = portableBytes.encode(typeof answer === "string" ? answer : JSON.stringify(answer));
  let at = 0;
  for (const size of sizes) {
    if (at >= whole.length) break;
    names.push(whole.subarray(at, at + size));
    at += size;
  }
  if (at < whole.length) names.push(whole.subarray(at));
  return names.end();
}

/** The same, cut into pieces of one length after the other. */
function readAnyhow(of: ResourceRoute | null, answer: unknown): FoundResource[] {
  const found = read(of, answer);
  for (const size of [1, 2, 3, 7, 64, 1_000])
    expect(
      read(
        of,
        answer,
        Array.from({ length: 5_000 }, () => size),
        size === 3,
      ),
    ).toEqual(found);
  return found;
}

const upload = route("POST", "/upload/v1beta/files");

describe("what is created", () => {
  it("a file, with the time that Google tells", () => {
    expect(
      readAnyhow(upload, {
        file: {
          name: "files/4if4o2bqvugf",
          displayName: 'a "name": "files/no"',
          expirationTime: "2026-11-23T08:24:56.049455995Z",
          uri: "https://generativelanguage.googleapis.com/v1beta/files/4if4o2bqvugf",
        },
      }),
    ).toEqual([{ name: "files/4if4o2bqvugf", kind: "file", expiresAt: Date.UTC(2026, 10, 23, 8, 24, 56, 49) }]);
  });

  it("a file without a time lives 48 hours, a cache one", () => {
    expect(readAnyhow(upload, { file: { name: "files/a" } })).toEqual([
      { name: "files/a", kind: "file", expiresAt: now + 48 * hour },
    ]);
    const caches = route("POST", "/v1beta/cachedContents");
    expect(readAnyhow(caches, { name: "cachedContents/c", model: "models/m" })).toEqual([
      { name: "cachedContents/c", kind: "cache", expiresAt: now + hour },
    ]);
    expect(readAnyhow(caches, { expireTime: "2026-11-21T13:30:00Z", name: "cachedContents/c" })).toEqual([
      { name: "cachedContents/c", kind: "cache", expiresAt: now + 1.5 * hour },
    ]);
  });

  it("a batch and its result file, which are one", () => {
    const answer = {
      name: "batches/ab12",
      metadata: { name: "batches/ab12", model: "models/m", output: { responsesFile: "files/batch-ab12" } },
      done: true,
      response: {
        responsesFile: "files/batch-ab12",
        inlinedResponses: { inlinedResponses: [{ response: { name: "files/no", thoughtSignature: signature("no") } }] },
      },
    };
    expect(readAnyhow(route("GET", "/v1beta/batches/ab12"), answer)).toEqual([
      { name: "batches/ab12", kind: "batch", expiresAt: now + 50 * hour },
    ]);
  });

  it("an operation, and the files of videos that it made", () => {
    const name = "models/veo-3.1/operations/xyz";
    expect(readAnyhow(route("POST", "/v1beta/models/veo-3.1:predictLongRunning"), { name })).toEqual([
      { name, kind: "operation", expiresAt: now + 7 * 24 * hour },
    ]);
    const done = {
      name,
      done: true,
      response: {
        generateVideoResponse: {
          generatedSamples: [
            { video: { uri: "https://generativelanguage.googleapis.com/v1beta/files/v1:download?alt=media" } },
            {
              video: { uri: "https:\\/\\/generativelanguage.googleapis.com/v1beta/files/v2:download?alt\\u003dmedia" },
            },
          ],
        },
      },
    };
    const found = readAnyhow(route("GET", `/v1beta/${name}`), JSON.stringify(done).replaceAll("\\\\", "\\"));
    expect(found.map((one) => one.name).sort()).toEqual(["files/v1", "files/v2", name]);
  });

  it("stores, also by what lies below them, for ever", () => {
    expect(
      readAnyhow(route("POST", "/v1beta/fileSearchStores"), { name: "fileSearchStores/s", displayName: "d" }),
    ).toEqual([{ name: "fileSearchStores/s", kind: "store", expiresAt: null }]);
    expect(
      readAnyhow(route("POST", "/v1beta/fileSearchStores/s:importFile"), { name: "fileSearchStores/s/operations/o" }),
    ).toEqual([{ name: "fileSearchStores/s", kind: "store", expiresAt: null }]);
  });

  it("ephemeral tokens, by their digest", () => {
    expect(readAnyhow(route("POST", "/v1alpha/auth_tokens"), { name: "auth_tokens/opaque" })).toEqual([
      { name: "authTokens/<opaque>", kind: "auth-token", expiresAt: now + 20 * hour },
    ]);
  });

  it("OpenAI's videos and batches, by their ids", () => {
    expect(
      readAnyhow(route("POST", "/videos", "gemini-openai"), { id: "v1", object: "video", usage: { id: "no" } }),
    ).toEqual([{ name: "videos/v1", kind: "video", expiresAt: now + 48 * hour }]);
    expect(
      readAnyhow(route("GET", "/batches/b", "gemini-openai"), { id: "batches/b", output_file_id: "files/out" }).map(
        (one) => one.name,
      ),
    ).toEqual(["files/out", "batches/b"]);
  });

  it("managed things, by name or id, alone or in a list", () => {
    expect(readAnyhow(route("POST", "/v1beta/agents"), { id: "my-agent", model: { id: "no" } })).toEqual([
      { name: "agents/my-agent", kind: "agent", expiresAt: null },
    ]);
    expect(readAnyhow(route("GET", "/v1beta/webhooks"), { webhooks: [{ name: "webhooks/w" }, { id: "x" }] })).toEqual([
      { name: "webhooks/w", kind: "webhook", expiresAt: null },
      { name: "webhooks/x", kind: "webhook", expiresAt: null },
    ]);
  });

  it("an answer that broke off tells what it told so far", () => {
    expect(read(upload, '{"file":{"name":"files/a","displayName":"b').map((one) => one.name)).toEqual(["files/a"]);
  });

  it("lists of any length are got through with 5,000 names", () => {
    const files = Array.from({ length: 6_000 }, (_, index) => ({ name: `files/f${index}` }));
    expect(
      read(
        route("GET", "/v1beta/files"),
        { files },
        Array.from({ length: 9_000 }, () => 100),
      ),
    ).toHaveLength(5_000);
  });
});

describe("interactions", () => {
  const create = route("POST", "/v1beta/interactions");
  const image = "QUJD".repeat(1_000);

  it("as one object", () => {
    const answer = {
      id: "v1_abc",
      status: "requires_continuation",
      steps: [
        { signature: signature("first"), type: "thought" },
        { type: "function_call", id: "no", signature: "", name: "f", arguments: { name: "files/no" } },
        { content: [{ type: "image", data: image }] },
      ],
      continuation_token: "tok",
      environment_id: "env_1",
    };
    expect(readAnyhow(create, answer)).toEqual([
      { name: "environments/env_1", kind: "environment", expiresAt: now + 55 * 24 * hour },
      { name: "interactions/v1_abc", kind: "interaction", expiresAt: now + 55 * 24 * hour },
      { name: signatureName(signature("first")), kind: "signature", expiresAt: now + 24 * hour },
      { name: "continuations/<tok>", kind: "continuation", expiresAt: now + 24 * hour },
    ]);
  });

  it.each(["\n\n", "\r\n\r\n"])("as events that end in %j", (end) => {
    const events = [
      {
        interaction: { id: "v1_abc", status: "in_progress", object: "interaction" },
        event_type: "interaction.created",
      },
      { index: 0, delta: { signature: signature("one"), type: "thought_signature" }, event_type: "step.delta" },
      { index: 1, step: { id: "no", signature: "", type: "function_call" }, event_type: "step.start" },
      { index: 1, delta: { text: `"signature": "${"x".repeat(100)}"`, image }, event_type: "step.delta" },
    ];
    const stream = [
      ...events.map((event) => `event: e\n`.repeat(2).slice(0, 9) + `data: ${JSON.stringify(event)}`),
      "data: [DONE]",
    ];
    const names = readAnyhow(create, stream.join(end) + end).map((one) => one.name);
    expect(names).toEqual(["interactions/v1_abc", signatureName(signature("one"))]);
  });

  it("resumed streams name theirs in each event", () => {
    const stream = 'id: 7\ndata: {"interaction_id":"v1_abc","status":"in_progress"}\n\n';
    expect(readAnyhow(route("GET", "/v1beta/interactions/v1_abc"), stream).map((one) => one.name)).toEqual([
      "interactions/v1_abc",
    ]);
  });
});

describe("generations", () => {
  const event = (parts: unknown[], more: object = {}): string =>
    `data: ${JSON.stringify({ candidates: [{ content: { parts, role: "model" }, ...more }] })}\r\n\r\n`;

  it("tell the last signature and the last continuation token", () => {
    const stream =
      event([{ text: "a", thoughtSignature: signature("one") }], { continuationToken: "t1" }) +
      event([{ text: "b" }]) +
      event([{ text: "", thoughtSignature: signature("two") }], {
        finishReason: "CONTINUATION",
        continuationToken: "t2",
      });
    expect(readAnyhow(null, stream)).toEqual([
      { name: signatureName(signature("two")), kind: "signature", expiresAt: now + 24 * hour },
      { name: "continuations/<t2>", kind: "continuation", expiresAt: now + 24 * hour },
    ]);
  });

  it("pretty-printed and escaped ones are the same", () => {
    const text = JSON.stringify(
      [{ candidates: [{ content: { parts: [{ thoughtSignature: `${signature("a/b")}==` }] } }] }],
      null,
      2,
    );
    const name = signatureName(signature("a/b"));
    expect(readAnyhow(null, text).map((one) => one.name)).toEqual([name]);
    expect(readAnyhow(null, text.replaceAll("/", "\\/").replaceAll("=", "\\u003d")).map((one) => one.name)).toEqual([
      name,
    ]);
  });

  it("texts that mention a signature have none", () => {
    expect(readAnyhow(null, event([{ text: `"thoughtSignature": "${signature("no")}"` }]))).toEqual([]);
    expect(readAnyhow(null, event([{ functionCall: { args: { x: `{"continuationToken":"no"}` } } }]))).toEqual([]);
    expect(readAnyhow(null, event([{ text: "thoughtSignature", thoughtSignature: "" }]))).toEqual([]);
  });

  it("signatures of many kilobytes are kept, endless ones are given up", () => {
    const long = signature("x".repeat(30_000));
    expect(readAnyhow(null, event([{ thoughtSignature: long }])).map((one) => one.name)).toEqual([signatureName(long)]);
    const endless = event([{ thoughtSignature: "x".repeat(600_000) }, { thoughtSignature: signature("last") }]);
    expect(
      read(
        null,
        endless,
        Array.from({ length: 99 }, () => 10_000),
      ).map((one) => one.name),
    ).toEqual([signatureName(signature("last"))]);
  });

  it("signatures can be left alone", () => {
    const names = createAnswerNames({ route: null, bytes: nodeBytes, digest, now, signatures: false });
    names.push(nodeBytes.encode(event([{ thoughtSignature: signature("one") }])));
    expect(names.end()).toEqual([]);
  });

  it("any chunking finds what the whole text has", () => {
    const part = fc.oneof(
      fc.string().map((text) => ({ text })),
      fc.constant({ text: '"thoughtSignature":"no" \\' }),
      fc.nat(9).map((id) => ({ text: "", thoughtSignature: signature(`${id}`) })),
      fc.nat(9).map((id) => ({ functionCall: { name: "f", args: {} }, thoughtSignature: signature(`f${id}`) })),
    );
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.array(part, { maxLength: 3 }), fc.option(fc.nat(99))), { maxLength: 8 }),
        fc.array(fc.integer({ min: 1, max: 120 }), { maxLength: 100 }),
        fc.boolean(),
        (events, sizes, sse) => {
          const documents = events.map(([parts, token]) => ({
            candidates: [{ content: { parts }, ...(token === null ? {} : { continuationToken: `t${token}` }) }],
          }));
          const text = sse
            ? documents.map((one) => `data: ${JSON.stringify(one)}\r\n\r\n`).join("")
            : JSON.stringify(documents, null, 2);
          const last = events
            .flatMap(([parts]) => parts)
            .findLast((one): one is typeof one & { thoughtSignature: string } => "thoughtSignature" in one);
          const token = events.findLast(([, one]) => one !== null)?.[1] ?? null;
          const wanted = [
            ...(last === undefined ? [] : [signatureName(last.thoughtSignature)]),
            ...(token === null ? [] : [`continuations/<t${token}>`]),
          ];
          expect(read(null, text, sizes).map((one) => one.name)).toEqual(wanted);
        },
      ),
      { numRuns: 300 },
    );
  });
});

it("never throws, whatever the bytes are", () => {
  fc.assert(
    fc.property(
      fc.array(fc.uint8Array({ maxLength: 60 }), { maxLength: 20 }),
      fc.constantFrom(null, upload, route("POST", "/v1beta/interactions")),
      (chunks, of) => {
        const names = createAnswerNames({ route: of, bytes: nodeBytes, digest, now });
        for (const chunk of chunks) names.push(chunk);
        expect(names.end().length).toBeLessThanOrEqual(5_000);
      },
    ),
  );
});
