import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, it } from "vitest";
import { toSecret } from "../../core/secret.ts";
import { createDispatchers } from "./dispatchers.ts";
import { createProbeFetch } from "./probe-fetch.ts";
import { startTestProxy } from "./testing/proxies.ts";

it("goes through the proxy, and reads no more of an answer than it needs", async () => {
  const server = createServer((request, response) => {
    response.writeHead(request.headers["x-goog-api-key"] === "k" ? 200 : 400);
    response.end("x".repeat(1_000_000));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const proxy = await startTestProxy({ kind: "socks5" });
  const dispatchers = createDispatchers({ connectTimeoutMs: 5_000, firstByteTimeoutMs: 5_000, idleTimeoutMs: 5_000 });
  const ask = createProbeFetch(dispatchers);
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1beta/models`;
  const headers = { "x-goog-api-key": "k" };
  const answer = await ask({ url, headers, proxy: toSecret(proxy.url), timeoutMs: 10_000 });
  expect([answer.status, answer.body.length, proxy.targets.length]).toEqual([200, 65_536, 1]);
  expect((await ask({ url, headers: {}, proxy: null, timeoutMs: 10_000 })).status).toBe(400);
  expect(proxy.targets).toHaveLength(1);
  const dead = toSecret("http://127.0.0.1:1");
  await expect(ask({ url, headers, proxy: dead, timeoutMs: 10_000 })).rejects.toMatchObject({ code: "ERR_PROXY" });
  await dispatchers.close();
  await proxy.close();
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});
