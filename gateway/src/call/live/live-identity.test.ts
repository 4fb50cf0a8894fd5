import { expect, it } from "vitest";
import { scanRequestHeaders } from "../request-headers.ts";
import { identifyLive, type LiveIdentity } from "./live-identity.ts";
import { findPresented } from "./presented.ts";

const path = "/ws/google.ai.generativelanguage.v1beta.GenerativeService.BidiGenerateContent";
const identity = (url: string): LiveIdentity => identifyLive(url) as LiveIdentity;
const present = (url: string, headers: string[] = []): ReturnType<typeof findPresented> =>
  findPresented(headers, scanRequestHeaders(headers), identity(url));

it.each([
  [path, "v1beta", "BidiGenerateContent"],
  [path.replace("v1beta", "v1"), "v1", "BidiGenerateContent"],
  [`${path.replace("v1beta", "v1alpha")}Constrained`, "v1alpha", "BidiGenerateContentConstrained"],
  [path.replace("Content", "Music"), "v1beta", "BidiGenerateMusic"],
  [`/${path}`, "v1beta", "BidiGenerateContent"],
  [`/gemini${path}`, "v1beta", "BidiGenerateContent"],
  [`/api/gproxy/gemini/${path}?key=x`, "v1beta", "BidiGenerateContent"],
])("%s is a Live session", (url, version, method) => {
  expect(identity(url)).toMatchObject({ version, method });
  expect(identity(url).path).toMatch(/^\/ws\/google\.ai\.generativelanguage\.v1[a-z]*\.GenerativeService\.Bidi\w+$/);
});

it.each([
  "/ws",
  "/ws/x",
  `${path}/../x`,
  `/x${path}`,
  path.replace("v1beta", "v1beta/.."),
  path.replace("Bidi", "Bidi%47"),
  `${path}Other`,
  "/geminiws/google.ai.generativelanguage.v1beta.GenerativeService.BidiGenerateContent",
])("%s is none", (url) => {
  expect(identifyLive(url)).toBeNull();
});

it("credentials leave the query, under every name and spelling, and the rest stays", () => {
  const found = identity(`${path}?a=1&key=gp-1&%6bey=gp-2&access_token=t&oauth_token=o&bearer_token=b&alt=x%20y#frag`);
  expect(found.target).toBe(`${path}?a=1&alt=x%20y`);
  expect([found.queryKey, found.accessToken]).toEqual(["gp-1", "t"]);
});

it("a token outranks keys, and is taken from header or query", () => {
  expect(present(`${path}?access_token=auth_tokens/t`, ["x-goog-api-key", "k"])).toMatchObject({
    token: "auth_tokens/t",
    key: null,
  });
  expect(present(path, ["Authorization", "Token auth_tokens/h"])).toMatchObject({ token: "auth_tokens/h" });
  expect(present(path, ["Authorization", "Token other"])).toMatchObject({ token: null, key: null });
  expect(present(`${path}?access_token=gp-1`)).toMatchObject({ token: null, key: "gp-1" });
});

it("the answered subprotocol is no secret where another one was offered", () => {
  expect(present(path, ["Sec-WebSocket-Protocol", "x-goog-api-key.gp-1, chat"])).toMatchObject({
    key: "gp-1",
    protocol: "chat",
  });
  expect(present(path, ["Sec-WebSocket-Protocol", "x-goog-api-key.gp-1"]).protocol).toBe("x-goog-api-key.gp-1");
  expect(present(path).protocol).toBeNull();
});
